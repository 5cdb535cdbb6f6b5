import type { Report } from '../model/index.ts';

/** Two clocks this near count as one: the host's own times are kept, so that a resent report lands where it was. */
export const tolerableOffsetSeconds = 2;

/** Measured offsets jitter by the network's delay; a change below this keeps the one known. */
const steadyWithinSeconds = 0.5;

/** Pushes of a host whose measured offsets are remembered. */
const rememberedPushes = 16;

/** A push is not under way for longer: an offset that falls by more is a clock that was stepped back. */
const longestDelaySeconds = 30;

/** Host clock minus hub clock. */
export interface ClockOffset {
  readonly seconds: number;
  /** As the last pushes measured it, oldest first. */
  readonly measuredSeconds: readonly number[];
}

/**
 * The offset after a push that measured `seconds` (sent by the host's clock minus received by the hub's). Delay only
 * makes a host look behind, so the largest of the last pushes counts; it stays still while it only jitters.
 */
export function steadyOffset(known: ClockOffset | null, seconds: number): ClockOffset {
  if (known === null || known.seconds - seconds > longestDelaySeconds)
    return { seconds, measuredSeconds: [seconds] };
  const measuredSeconds = [...known.measuredSeconds, seconds].slice(-rememberedPushes);
  const largest = Math.max(...measuredSeconds);
  const jitters = Math.abs(known.seconds - largest) < steadyWithinSeconds;
  return { seconds: jitters ? known.seconds : largest, measuredSeconds };
}

export interface ClockReading {
  /** By the host's clock. */
  readonly sentAtMillis: number;
  readonly receivedAtMillis: number;
  /** Host clock minus hub clock at sending. */
  readonly offsetSeconds: number;
}

/** When a report was taken, in milliseconds of the hub's clock; neither is later than it was received. */
export interface ReportTime {
  /** As near as can be told, for ages and for who is silent. */
  readonly takenAtMillis: number;
  /** For history: the host's own time while the clocks count as one. */
  readonly historyMillis: number;
}

/** The monotonic age, where there is one, tells also when the host's clock was stepped between reading and sending. */
export function reportTime(report: Pick<Report, 'takenAt' | 'ageSeconds'>, clock: ClockReading): ReportTime {
  const { sentAtMillis, receivedAtMillis, offsetSeconds } = clock;
  const taken = Date.parse(report.takenAt);
  const ageMillis = report.ageSeconds === null ? null : report.ageSeconds * 1000;
  const stepSeconds = ageMillis === null ? 0 : (taken + ageMillis - sentAtMillis) / 1000;
  const offset = offsetSeconds + (Math.abs(stepSeconds) < steadyWithinSeconds ? 0 : stepSeconds);
  const corrected = taken - offset * 1000;
  const kept = Math.abs(offset) <= tolerableOffsetSeconds ? taken : corrected;
  return {
    takenAtMillis: Math.min(ageMillis === null ? corrected : receivedAtMillis - ageMillis, receivedAtMillis),
    historyMillis: Math.min(kept, receivedAtMillis),
  };
}
