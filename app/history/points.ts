import type { RangeSeries } from '../../lib/model/index.ts';

/** A moment of a line; null values break it: a gap is shown, never filled. */
export interface ChartPoint {
  /** Unix milliseconds. */
  readonly at: number;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

type Point = RangeSeries['points'][number];

/** A later answer replaces what it covers and what came after, and what is older than the range falls off. */
export function mergeTail(
  known: readonly Point[],
  tail: readonly Point[],
  window: { readonly fromSeconds: number; readonly tailFromSeconds: number },
): readonly Point[] {
  const kept = known.filter(([at]) => at >= window.fromSeconds && at < window.tailFromSeconds);
  return [...kept, ...tail.filter(([at]) => at >= window.tailFromSeconds)];
}

/** Points for a chart, with a break wherever more than two and a half steps are missing. */
export function toChartPoints(points: readonly Point[], stepSeconds: number): readonly ChartPoint[] {
  const result: ChartPoint[] = [];
  let before: number | null = null;
  for (const [at, mean, low, high] of points) {
    if (before !== null && at - before > stepSeconds * 2.5)
      result.push({ at: (before + stepSeconds) * 1000, mean: null, low: null, high: null });
    result.push({ at: at * 1000, mean, low, high });
    before = at;
  }
  return result;
}
