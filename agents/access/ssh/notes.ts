import type { HostAccess } from '../host-access.ts';
import type { SshNote } from './ssh-error.ts';

const limits = { deadlineSeconds: 5, maxOutputBytes: 8 * 1024 };
/** Far more than a slow login takes; a clock that is kept differs by milliseconds. */
const clockSlackSeconds = 60;

/** The disks of `df -P -k` that have nothing left. */
export function fullDisks(text: string): readonly string[] {
  const full = text.split('\n').flatMap((line) => {
    const [, place] = /\s\d+\s+\d+\s+0\s+\d+%\s+(\/.*)$/.exec(line) ?? [];
    return place === undefined ? [] : [place];
  });
  return [...new Set(full)];
}

/** In words: `2 minutes`, `365 days`. */
function span(seconds: number): string {
  const [count, unit] =
    seconds < 7200
      ? [seconds / 60, 'minutes']
      : seconds < 172_800
        ? [seconds / 3600, 'hours']
        : [seconds / 86_400, 'days'];
  return `${Math.round(count)} ${unit}`;
}

/** @param hostSeconds what `date +%s` printed; @param ourSeconds our own clock then */
export function clockNote(hostSeconds: number, ourSeconds: number): SshNote | null {
  const off = hostSeconds - ourSeconds;
  if (!Number.isFinite(off) || Math.abs(off) <= clockSlackSeconds) return null;
  return {
    code: 'clock-off',
    text: `The host's clock is ${span(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the hub's. Times are shown by the hub's clock; set up NTP there.`,
  };
}

/** What to know of a host beside its GPUs; nothing where its tools do not tell. */
export async function readNotes(access: Pick<HostAccess, 'run'>): Promise<readonly SshNote[]> {
  const [date, disks] = await Promise.all([
    access.run(['date', '+%s'], limits),
    access.run(['df', '-P', '-k', '/', '/tmp', '/var'], limits),
  ]);
  const clock = date.exitCode === 0 ? clockNote(Number(date.stdout.trim()), Date.now() / 1000) : null;
  const full = fullDisks(disks.stdout);
  const disk: SshNote = {
    code: 'disk-full',
    text: `Full on the host: ${full.join(', ')}. Readings need no room there, but programs that run on it may fail.`,
  };
  return [...(clock === null ? [] : [clock]), ...(full.length === 0 ? [] : [disk])];
}

export const fewSessionsNote = (allowed: number, needed: number): SshNote => ({
  code: 'one-session',
  text: `The SSH server allows ${allowed} session${allowed === 1 ? '' : 's'} at a time (MaxSessions) and ${needed} are needed, so everything shares one channel.`,
});
export const heldNote: SshNote = {
  code: 'held-to-list',
  text: 'A forced command (gpufleet-ssh) holds the account to its list; what is not in it is not read.',
};
export const noisyNote: SshNote = {
  code: 'noisy-login',
  text: 'The login prints text, which is thrown away; it should print only to terminals.',
};
