/** One message of the kernel's log, whatever program printed it. */
export interface KernelLine {
  /** ISO 8601 where the line tells an absolute time with its zone; else null. */
  readonly at: string | null;
  /** Since boot, where the line tells that; else null. */
  readonly bootSeconds: number | null;
  readonly message: string;
}

const longestLine = 8192;
/** `6,3973,227996636,-;message`: level, number, microseconds since boot, flags. */
const kmsg = /^\d{1,6},\d{1,20},(\d{1,18}),[^;]{0,200};/;
/** `[   34.193735] message` */
const sinceBoot = /^\[ {0,12}(\d{1,10}\.\d{1,9})\] /;
/** `2025-01-21T04:41:44,283302+00:00 message`, with or without a host and `kernel:` */
const iso = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)\s+/;
/** `kern  :warn  : ` of dmesg --decode. */
const decoded = /^[a-z]{3,8} *:[a-z]{3,8} *: */;
/** What syslog puts before a kernel message: `Sep 23 18:37:03 host kernel: `. */
const syslog = /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?\S{1,255} kernel: /;
/** `[Mon Sep 23 18:37:03 2024] ` of dmesg -T, `[Sep23 18:37] ` of -H: the host's own zone, which the line does not tell. */
const human = /^\[[A-Z][a-z]{2}[ A-Za-z]{0,5} ?[ \d]\d[ \d:]{4,14}\] /;
/** `[  +0.000012] ` of dmesg -H: since the line before. */
const sinceLast = /^\[ {0,12}\+\d{1,10}\.\d{1,9}\] /;

/**
 * Takes one line apart: of /dev/kmsg, dmesg (plain, -T, --time-format iso, --decode), syslog, or `journalctl` short and
 * JSON. A line of none of these is its own message. Never throws, in time that grows with the line alone.
 */
export function readKernelLine(text: string): KernelLine {
  const line = text.slice(0, longestLine).trimEnd();
  if (line.startsWith('{')) return ofJournal(line) ?? { at: null, bootSeconds: null, message: line };
  const raw = kmsg.exec(line);
  if (raw !== null)
    return { at: null, bootSeconds: Number(raw[1]) / 1e6, message: line.slice(raw[0].length) };
  let message = line.trimStart();
  let at: string | null = null;
  let bootSeconds: number | null = null;
  for (const form of [decoded, iso, syslog, human, sinceLast, sinceBoot]) {
    const match = form.exec(message);
    if (match === null) continue;
    message = message.slice(match[0].length);
    if (form === iso) at = isoOf(match);
    if (form === sinceBoot) bootSeconds = Number(match[1]);
  }
  return { at, bootSeconds, message: message.trimStart() };
}

function isoOf([, day = '', fraction = '', zone = '']: RegExpExecArray): string | null {
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const told = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return isoTime(Date.parse(`${day.replace(' ', 'T')}.${millis}${told}`));
}

const isoTime = (millis: number): string | null => {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
};

/** `journalctl -o json`: a message with bytes that are no text comes as a list of numbers. */
function ofJournal(line: string): KernelLine | null {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return null;
    const told = new Map<string, unknown>(Object.entries(entry));
    const message = told.get('MESSAGE');
    const text = Array.isArray(message)
      ? String.fromCharCode(
          ...message.slice(0, 4096).map((each) => (typeof each === 'number' ? each & 0xff : 63)),
        )
      : message;
    if (typeof text !== 'string') return null;
    const micros = Number(told.get('__REALTIME_TIMESTAMP') ?? Number.NaN);
    const monotonic = Number(told.get('_SOURCE_MONOTONIC_TIMESTAMP') ?? Number.NaN);
    return {
      at: Number.isFinite(micros) ? isoTime(micros / 1000) : null,
      bootSeconds: Number.isFinite(monotonic) ? Math.max(0, monotonic / 1e6) : null,
      message: text.slice(0, longestLine),
    };
  } catch {
    return null;
  }
}
