import { parseDockerVersion } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';
import { jsonOf } from '../json.ts';

/** `docker --version`. */
const line = /^Docker version (\d[\w.+~-]{0,60}), build /m;

/** The answer to GET /version, or what `docker --version` prints. */
function versionOf(text: string): string | null {
  const printed = line.exec(text.slice(0, 4096))?.[1];
  if (printed !== undefined) return printed;
  const value = jsonOf(text);
  const isAnswer = typeof value === 'object' && value !== null && 'ApiVersion' in value;
  return isAnswer ? parseDockerVersion(value) : null;
}

export const dockerVersion: Form = {
  kind: 'docker-version',
  matches: (text) => versionOf(text) !== null,
  read: (text) => ({ dockerVersion: versionOf(text) }),
};
