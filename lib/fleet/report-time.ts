import type { Report } from '../model/index.ts';

/** Two clocks this near count as one: the host's own times are kept, so that a resent report lands where it was. */
export const tolerableOffsetSeconds = 2;

/** Measured offsets jitter by the network's delay; a change below this keeps the one known. */
const steadyWithinSeconds = 0.5;

/** Keeps a host's offset still while it only jitters. */
export const steadyOffset = (known: number | null, measured: number): number =>
  known !== null && Math.abs(known - measured) < steadyWithinSeconds ? known : measured;

export interface ClockReading {
  readonly receivedAtMillis: number;
  /** Host clock minus hub clock at sending. */
  readonly offsetSeconds: number;
}

/**
 * When a report was taken by the hub's clock, in milliseconds. The monotonic age, where there is one, tells also when
 * the host's clock was stepped between reading and sending. Never later than it was received.
 */
export function takenAtByHubClock(
  report: Pick<Report, 'takenAt' | 'ageSeconds'>,
  clock: ClockReading,
): number {
  const taken = Date.parse(report.takenAt);
  const byAge =
    report.ageSeconds === null
      ? clock.offsetSeconds
      : (taken - (clock.receivedAtMillis - report.ageSeconds * 1000)) / 1000;
  const offset = steadyOffset(clock.offsetSeconds, byAge);
  const corrected = Math.abs(offset) <= tolerableOffsetSeconds ? taken : taken - offset * 1000;
  return Math.min(corrected, clock.receivedAtMillis);
}
