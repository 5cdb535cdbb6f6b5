import { StoreError } from '../../state/state-store.ts';
import type { HistoryQuery, Retention } from '../history-store.ts';

export interface QueryPlan {
  readonly resolution: 'raw' | '1m' | '1h';
  readonly stepSeconds: number;
  /** A multiple of the step; included. */
  readonly fromSeconds: number;
  /** A multiple of the step; not included. */
  readonly toSeconds: number;
}

const niceSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];
const wantedPoints = 500;
const maxPoints = 11_000;

/**
 * Which store answers and by which step. Every step is whole in the answer: the first begins at or before `from`, the
 * last holds `to`. A step finer than the store that still has the whole span is widened to that store's own.
 */
export function planQuery(query: HistoryQuery, retention: Retention, nowSeconds: number): QueryPlan {
  const { fromSeconds, toSeconds } = query;
  const span = toSeconds - fromSeconds;
  if (!Number.isFinite(span) || span < 0) throw new StoreError('failed', 'the range ends before it begins');
  const wanted = query.stepSeconds ?? niceStep(span / wantedPoints);
  if (!(wanted > 0)) throw new StoreError('failed', 'the step must be above zero');
  const isWithin = (seconds: number): boolean => fromSeconds >= nowSeconds - seconds;
  const smallest = Math.max(wanted, span / maxPoints);
  const resolution =
    smallest < 60 && isWithin(retention.rawSeconds)
      ? 'raw'
      : isWithin(retention.minuteSeconds) && smallest % 3600 !== 0
        ? '1m'
        : '1h';
  const unit = { raw: 0.001, '1m': 60, '1h': 3600 }[resolution];
  const stepSeconds = resolution === 'raw' ? smallest : Math.ceil(smallest / unit) * unit;
  return {
    resolution,
    stepSeconds,
    fromSeconds: Math.floor(fromSeconds / stepSeconds) * stepSeconds,
    toSeconds: (Math.floor(toSeconds / stepSeconds) + 1) * stepSeconds,
  };
}

function niceStep(seconds: number): number {
  return niceSteps.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400;
}
