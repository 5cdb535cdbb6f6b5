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
/** `[   34.193735] message`, and with the time since the line before it (`dmesg -d`): `[   34.193735 <    0.000012>] `. */
const sinceBoot = /^\[ {0,12}(\d{1,10}\.\d{1,9})(?: <[ +]{0,12}\d{1,10}\.\d{1,9} ?>)?\] ?/;
/** `[ T1234] `, `[    C3] `: the thread or processor, where the kernel is built to tell it. */
const caller = /^\[ {0,8}[TC]\d{1,10}\] /;
/** `<4>` of `dmesg --raw`, `<4>1 ` of RFC 5424. */
const level = /^<\d{1,4}>(?:1 )?/;
/** `2025-01-21T04:41:44,283302+00:00 message`, with or without a host and `kernel:` */
const iso = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)\s+/;
/** `Mon 2024-09-23 18:37:03 UTC ` of `journalctl -o short-full`; of other zones only the name is told. */
const full = /^\S{1,12} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,9}))? ([A-Z]{2,5}|[+-]\d\d(?:\d\d)?) /;
/** `1727116623.283302 ` of `journalctl -o short-unix`. */
const unix = /^(\d{9,11}\.\d{1,9}) /;
/** `kern  :warn  : ` of dmesg --decode. */
const decoded = /^[a-z]{3,8} *:[a-z]{3,8} *: */;
/** What syslog puts before a kernel message: `Sep 23 18:37:03 host kernel: `; the month in any language. */
const syslog =
  /^(?:[^\s[\]]{2,12} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )?(?:\S{1,255} )?(?:kern\.[a-z]{2,7} )?kernel(?:: | - - - )/;
/** `    MESSAGE=` of `journalctl -o verbose` and `-o export`. */
const field = /^MESSAGE=/;
/** `12:` and `kern.log:12:` of grep. */
const grepped = /^(?!\d{4}-\d\d-\d\d)(?:[\w./-]{1,200}:)?\d{1,7}:(?=[[<A-Z]|\d{4}-)/;
/** `2026-12-01 04:55:04 host kernel: `: in a zone that is not told. */
const dated = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})? (?=\S{1,255} kernel: )/;
/** One line of JSON that goes over many: `dmesg -J` and `journalctl -o json-pretty`. */
const jsonField = /^\s*"(?:msg|MESSAGE)" ?: ?("(?:[^"\\]|\\.)*")\s*,?\s*[\]}]*$/;
/** What stands before a document of `-o json-sse` and `-o json-seq`. */
const sequenceMarks: readonly string[] = ['data: {', '\u001e{'];
/** `[Mon Sep 23 18:37:03 2024] ` of dmesg -T in any language, `[Sep23 18:37] ` of -H: in the host's zone, which is not told. */
const human = /^\[[^[\]]{3,40}\d\d:\d\d(?::\d\d)?(?: \d{4})?(?: <[ +]{0,12}\d{1,10}\.\d{1,9}>)?\] /;
/** `[  +0.000012] ` of dmesg -H, `[<    0.000012>] ` of -d -T: since the line before. */
const sinceLast = /^\[[ <]{0,13}\+?[ ]{0,12}\d{1,10}\.\d{1,9}>?\] /;
/** `nvidia 0000:3b:00.0: `: the device that a message is about. */
const device = /^nvidia [0-9a-f:.]{7,16}: /;

const prefixes = [
  grepped,
  dated,
  level,
  field,
  decoded,
  iso,
  full,
  unix,
  syslog,
  human,
  sinceBoot,
  sinceLast,
  caller,
  device,
];
/** They stand in other orders from program to program. */
const mostPrefixes = 6;

/**
 * Takes one line apart: of /dev/kmsg, dmesg (plain, -r, -d, -T, -H, --time-format iso, --decode), syslog, or
 * `journalctl` in all its short forms and JSON. A line of none of these is its own message. Never throws, in time that
 * grows with the line alone.
 */
export function readKernelLine(text: string): KernelLine {
  const printed = text.slice(0, longestLine).trimEnd();
  const mark = sequenceMarks.find((each) => printed.startsWith(each));
  const line = mark === undefined ? printed : printed.slice(mark.length - 1);
  const quoted = jsonField.exec(line)?.[1];
  if (quoted !== undefined) return { at: null, bootSeconds: null, message: withoutDevice(unquoted(quoted)) };
  if (line.startsWith('{')) return ofJournal(line) ?? { at: null, bootSeconds: null, message: line };
  const raw = kmsg.exec(line);
  if (raw !== null)
    return { at: null, bootSeconds: Number(raw[1]) / 1e6, message: withoutDevice(line.slice(raw[0].length)) };
  let message = line.trimStart();
  let at: string | null = null;
  let bootSeconds: number | null = null;
  for (let count = 0; count < mostPrefixes; count += 1) {
    const form = prefixes.find((each) => each.test(message));
    const match = form?.exec(message);
    if (match === undefined || match === null) break;
    message = message.slice(match[0].length).trimStart();
    if (form === iso || form === full) at ??= isoOf(match);
    if (form === unix) at ??= isoTime(Number(match[1]) * 1000);
    if (form === sinceBoot) bootSeconds ??= Number(match[1]);
  }
  return { at, bootSeconds, message };
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

const withoutDevice = (message: string): string => message.replace(device, '');

function isoOf([, day = '', fraction = '', zone = '']: RegExpExecArray): string | null {
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const offset = zone === 'UTC' || zone === 'GMT' ? 'Z' : zone.length === 3 ? `${zone}00` : zone;
  const told = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
  // `CET` is of two zones, and no date that can be read.
  if (!/^(?:Z|[+-]\d\d:\d\d)$/.test(told)) return null;
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
      message: withoutDevice(text.slice(0, longestLine)),
    };
  } catch {
    return null;
  }
}
