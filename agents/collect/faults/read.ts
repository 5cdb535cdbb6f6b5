import { parseBootTime, type XidEvent } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { failed, quote } from '../failures.ts';
import type { FailedOutcome } from '../source.ts';

/** One way to the kernel's log. */
export interface LogWay {
  readonly command: readonly [string, ...string[]];
  /** What names a line among all that this way ever gives; null where a line has no such name. */
  placeOf(line: string): string | null;
  /** True for a line that was read before, when the log is read from its beginning again. */
  isRead(place: string, last: string): boolean;
  /** The command that goes on after the last line. */
  resume(last: string | null, linesRead: number): readonly [string, ...string[]];
}

const kmsgCommand = ['cat', '/dev/kmsg'] as const;
/** Of this boot; a journal can hold millions of lines, and those before these are left. */
const journalOf = ['journalctl', '--dmesg', '--boot'] as const;
const asJson = [
  '--lines=20000',
  '--output=json',
  '--output-fields=MESSAGE,_SOURCE_MONOTONIC_TIMESTAMP',
  '--no-pager',
] as const;
const journalCommand = [...journalOf, '--follow', ...asJson] as const;
/** The same, read once. */
export const wholeJournal = [...journalOf, ...asJson] as const;

const sequence = /^\d{1,6},(\d{1,20}),/;
const record = /^\d{1,6},(\d{1,20}),(\d{1,18}),/;
const cursor = /"__CURSOR" ?: ?"([^"]{1,512})"/;

/**
 * When the oldest record came that the ring buffer still holds, in seconds since boot; null where it holds all since
 * boot. `line`: the first that it gives.
 */
export function ringBeginsAt(line: string): number | null {
  const [, number, micros] = record.exec(line.slice(0, 64)) ?? [];
  return number === undefined || BigInt(number) === 0n ? null : Number(micros) / 1e6;
}

/** The ring buffer itself: from boot, or from what it still holds. Needs root, or a kernel that restricts nothing. */
export const kmsgWay: LogWay = {
  command: kmsgCommand,
  placeOf: (line) => sequence.exec(line.slice(0, 64))?.[1] ?? null,
  isRead: (place, last) => BigInt(place) <= BigInt(last),
  resume: () => kmsgCommand,
};

/** The journal, which members of systemd-journal or adm may read. */
export const journalWay: LogWay = {
  command: journalCommand,
  placeOf: (line) => cursor.exec(line)?.[1] ?? null,
  isRead: (place, last) => place === last,
  resume: (last) => (last === null ? journalCommand : [...journalCommand, `--after-cursor=${last}`]),
};

/** A file that syslog writes, followed over its rotation. */
export function fileWay(path: string): LogWay {
  const command = (fromLine: number) => ['tail', '-n', `+${fromLine}`, '-F', path] as const;
  return {
    command: command(1),
    placeOf: () => null,
    isRead: () => false,
    resume: (_, linesRead) => command(linesRead + 1),
  };
}

const runLimits = { deadlineSeconds: 5, maxOutputBytes: 64 * 1024 };
const hidden = /insufficient permissions|not seeing messages|permission denied/i;
const nothing = /^\s*(?:-- No entries --\s*)?$/;

/** Why the journal shows nothing of the kernel to us: it says so on the side and goes on waiting. Null when it shows. */
export async function journalRefusal(access: HostAccess): Promise<FailedOutcome | null> {
  const probe = ['journalctl', '--dmesg', '--boot', '--lines=1', '--output=cat', '--no-pager'] as const;
  const result = await access.run([...probe], runLimits);
  if (result.outcome === 'not-found') return { state: 'absent', failure: null };
  const isFine = result.outcome === 'exited' && result.exitCode === 0;
  // The kernel has said something since boot: a journal without it is one that does not show it, or is not kept.
  if (isFine && !hidden.test(result.stderr) && !nothing.test(result.stdout)) return null;
  const said =
    quote(result.stderr) || (isFine ? 'it has no message of the kernel' : `ended with ${result.outcome}`);
  return failed('insufficient-permissions', `journalctl says: ${said}`);
}

/** When the host booted, in milliseconds since 1970; null where it is not told. */
export async function readBootMillis(access: HostAccess): Promise<number | null> {
  const file = await access.readFile('/proc/stat', { maxBytes: 4 * 1024 * 1024, deadlineSeconds: 2 });
  const seconds = file.outcome === 'read' ? parseBootTime(file.text) : null;
  return seconds === null ? null : seconds * 1000;
}

/** When an event came: as its line says, else by the time since boot; null where neither is known. */
export function timeOf(
  { at, bootSeconds }: Pick<XidEvent, 'at' | 'bootSeconds'>,
  bootMillis: number | null,
): string | null {
  if (at !== null) return at;
  if (bootSeconds === null || bootMillis === null) return null;
  return new Date(bootMillis + bootSeconds * 1000).toISOString();
}
