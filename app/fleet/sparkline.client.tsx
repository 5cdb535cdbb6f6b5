'use client';
import { useEffect, useState } from 'react';
import type { RangeResult } from '../../lib/model/index.ts';

const seconds = 60;
const width = 120;
const height = 20;
/** Above this the question would not fit into an address, and a minute fills by itself. */
const mostHosts = 40;

interface Sample {
  /** Unix milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** Kept for the life of the tab, so that coming back to the page does not lose the minute. */
let minute: readonly Sample[] = [];
let isFilled = false;

/** Mean over all GPUs at each time of an answer. */
export function meanOverSeries(result: Pick<RangeResult, 'series'>): readonly Sample[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [at, mean] of result.series.flatMap((series) => series.points)) {
    const known = sums.get(at) ?? { sum: 0, count: 0 };
    sums.set(at, { sum: known.sum + mean, count: known.count + 1 });
  }
  return [...sums]
    .map(([at, { sum, count }]) => ({ at: at * 1000, value: sum / count }))
    .sort((a, b) => a.at - b.at);
}

async function readMinute(hostIds: readonly string[]): Promise<readonly Sample[]> {
  const to = Math.floor(Date.now() / 1000);
  const query = new URLSearchParams({
    metric: 'gpu_utilization_ratio',
    select: hostIds.map((id) => `host=${id}`).join(),
    from: String(to - seconds),
    to: String(to),
    step: '5',
  });
  const answer = await fetch(`/api/v1/query_range?${query}`, { signal: AbortSignal.timeout(5_000) });
  return answer.ok ? meanOverSeries((await answer.json()) as RangeResult) : [];
}

function add(value: number | null, now: number): void {
  const recent = minute.filter(({ at }) => at > now - seconds * 1000);
  const isDue = now - (recent.at(-1)?.at ?? 0) >= 900;
  minute = value !== null && isDue ? [...recent, { at: now, value }] : recent;
}

/** What the hub kept of the minute before the page was opened, once a tab. */
function useEarlier(hostIds: readonly string[]): void {
  const ids = hostIds.join();
  useEffect(() => {
    if (isFilled || ids === '' || ids.split(',').length > mostHosts) return;
    isFilled = true;
    readMinute(ids.split(',')).then(
      (earlier) => {
        const first = minute[0]?.at ?? Date.now();
        minute = [...earlier.filter(({ at }) => at < first), ...minute];
      },
      () => undefined,
    );
  }, [ids]);
}

interface SparklineProps {
  readonly value: number | null;
  readonly hostIds: readonly string[];
}

/** Mean utilization of the last minute, a point a second. */
export function Sparkline({ value, hostIds }: SparklineProps) {
  const [now, setNow] = useState(0);
  useEarlier(hostIds);
  useEffect(() => {
    const sample = () => {
      add(value, Date.now());
      setNow(Date.now());
    };
    sample();
    const timer = setInterval(sample, 1000);
    return () => clearInterval(timer);
  }, [value]);
  const points = minute.map(({ at, value: ratio }) => {
    const x = width - ((now - at) / (seconds * 1000)) * width;
    return `${x.toFixed(1)},${(height - 1 - ratio * (height - 2)).toFixed(1)}`;
  });
  return (
    <span
      className="inline-flex items-center gap-2 text-xs text-muted"
      title="Mean utilization of the last 60 s"
    >
      last 60 s
      <svg aria-hidden width={width} height={height} className="rounded-sm bg-raised">
        <polyline
          points={now === 0 ? '' : points.join(' ')}
          fill="none"
          stroke="var(--chart-1)"
          strokeWidth="1.5"
        />
      </svg>
    </span>
  );
}
