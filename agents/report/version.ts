import { readFileSync } from 'node:fs';

/** Written in by the bundler; in a checkout it is not there. */
declare const GPUFLEET_AGENT_VERSION: string | undefined;

export function agentVersion(): string {
  if (typeof GPUFLEET_AGENT_VERSION === 'string') return GPUFLEET_AGENT_VERSION;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version?: string };
  return version ?? 'unknown';
}
