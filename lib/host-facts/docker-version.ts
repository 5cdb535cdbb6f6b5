import { jsonObject } from './json.ts';

/** `Version` of the answer to GET /version; null when it has none. */
export function parseDockerVersion(value: unknown): string | null {
  return jsonObject(value)?.text('Version')?.slice(0, 64) ?? null;
}
