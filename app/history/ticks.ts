const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps: readonly number[] = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  5 * day,
  10 * day,
];

/** Round times within a range, at most `most`, counted in a zone that is so many minutes behind UTC. */
export function timeTicks(
  fromMilliseconds: number,
  toMilliseconds: number,
  { most, zoneOffsetMinutes }: { readonly most: number; readonly zoneOffsetMinutes: number },
): number[] {
  const span = toMilliseconds - fromMilliseconds;
  const step = steps.find((candidate) => span / candidate <= most) ?? 10 * day;
  const shift = zoneOffsetMinutes * minute;
  const first = Math.ceil((fromMilliseconds - shift) / step) * step + shift;
  const ticks: number[] = [];
  for (let at = first; at <= toMilliseconds; at += step) ticks.push(at);
  return ticks;
}

/** `12:30` within a day, `07-24` beyond. */
export function isDayStep(ticks: readonly number[]): boolean {
  const [first, second] = ticks;
  return first !== undefined && second !== undefined && second - first >= day;
}
