import { missing, unitSpace } from '../../lib/format/index.ts';

/** `12 s`, `3 min`, `5 h`, `2 d`: one unit, rounded down, so that it never says more than has passed. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole}${unitSpace}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}${unitSpace}min`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)}${unitSpace}h`;
  return `${Math.floor(whole / 86_400)}${unitSpace}d`;
}

/** `12 s ago`; a moment slightly ahead of the hub's clock is `now`. */
export function formatAge(seconds: number): string {
  return seconds < 1 ? 'now' : `${formatDuration(seconds)} ago`;
}

/** How long a source took: `3.1 ms`, `1.24 s`. */
export function formatSmallDuration(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))}${unitSpace}ms`;
  return seconds < 120 ? `${Number(seconds.toPrecision(3))}${unitSpace}s` : formatDuration(seconds);
}

/** Seconds since an ISO time; null when it is null or not a time. */
export function ageSeconds(iso: string | null, nowMilliseconds: number): number | null {
  if (iso === null) return null;
  const then = Date.parse(iso);
  return Number.isNaN(then) ? null : (nowMilliseconds - then) / 1000;
}

const exactParts: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
};
const clockParts: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const exactFormats = new Map<string, Intl.DateTimeFormat>();
const clockFormats = new Map<string, Intl.DateTimeFormat>();

/** Made once for each zone: making one takes half a millisecond, and a table shows a hundred times. */
function formatIn(
  made: Map<string, Intl.DateTimeFormat>,
  timeZone: string | undefined,
  parts: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const known = made.get(timeZone ?? '');
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...parts,
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  made.set(timeZone ?? '', format);
  return format;
}

/** Exact time with its zone. Without a zone given: the viewer's. */
export function formatExact(iso: string, timeZone?: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return missing;
  return formatIn(exactFormats, timeZone, exactParts).format(date);
}

/** `12:04:31` in the viewer's zone. */
export function formatClock(milliseconds: number, timeZone?: string): string {
  return formatIn(clockFormats, timeZone, clockParts).format(new Date(milliseconds));
}
