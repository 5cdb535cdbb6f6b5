import { readFileSync } from 'node:fs';

/** What a site installs as a forced command, and what we hand to /bin/sh where only one session is allowed. */
export const scriptPath = new URL('../../../../deploy/ssh/gpufleet-ssh', import.meta.url);

/** Asked of a host whose forced command is that script. */
export const heldCommand = 'gpufleet-ssh';
/** Asked of a host where the script comes on the input. */
export const sentCommand = 'exec /bin/sh -s';

/** What the script says first: `ready`, `held` (by whoever asks for something else) or what it lacks. */
export const firstLine = /^gpufleet-ssh 1 (ready|held|lacks)\b.*$/m;

let text: string | null = null;

/** The script as it is sent: without comments, and with nothing held back, since the account has a shell anyway. */
export function scriptToSend(): string {
  text ??= readFileSync(scriptPath, 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/^any=$/m, 'any=1');
  return text;
}
