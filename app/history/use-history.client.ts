'use client';
import { useEffect, useRef, useState } from 'react';
import type { RangeResult, RangeSeries } from '../../lib/model/index.ts';
import { readState } from '../stream/live-store.client.ts';
import { type ChartPoint, mergeTail, toChartPoints } from './points.ts';
import { type RangeName, ranges } from './ranges.ts';

type RawPoints = RangeSeries['points'];

/** Lines by metric, then by GPU; both ends in unix milliseconds, hub clock. */
export interface History {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly problem: string | null;
  readonly fromMilliseconds: number;
  readonly toMilliseconds: number;
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, readonly ChartPoint[]>>;
}

const deadlineMilliseconds = 15_000;
/** So much of the tail is asked for again: late readings still change it. */
const tailSteps = 6;

async function problemOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => null);
  const detail = typeof body === 'object' && body !== null ? Reflect.get(body, 'detail') : null;
  return typeof detail === 'string' ? detail : `the hub answered ${answer.status}`;
}

interface Question {
  readonly metric: string;
  readonly select: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds: number;
}

async function ask(question: Question, signal: AbortSignal): Promise<RangeResult> {
  const query = new URLSearchParams({
    metric: question.metric,
    select: question.select,
    from: String(question.fromSeconds),
    to: String(question.toSeconds),
    step: String(question.stepSeconds),
  });
  const answer = await fetch(`/api/v1/query_range?${query}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]),
  });
  if (!answer.ok) throw new Error(await problemOf(answer));
  return (await answer.json()) as RangeResult;
}

type Store = Map<string, Map<string, RawPoints>>;

function absorb(
  store: Store,
  result: RangeResult,
  window: { fromSeconds: number; tailFromSeconds: number },
): void {
  const lines = store.get(result.metric) ?? new Map<string, RawPoints>();
  store.set(result.metric, lines);
  for (const [uuid, points] of lines) lines.set(uuid, mergeTail(points, [], window));
  for (const series of result.series) {
    const uuid = series.labels['uuid'] ?? '';
    lines.set(uuid, mergeTail(lines.get(uuid) ?? [], series.points, window));
  }
}

function toLines(store: Store, stepSeconds: number): History['lines'] {
  return new Map(
    [...store].map(([metric, lines]) => [
      metric,
      new Map([...lines].map(([uuid, points]) => [uuid, toChartPoints(points, stepSeconds)])),
    ]),
  );
}

const nothing: History = {
  status: 'loading',
  problem: null,
  fromMilliseconds: 0,
  toMilliseconds: 0,
  lines: new Map(),
};

/**
 * History of some metrics over a range that moves with the clock: the whole at first, then only its tail. One that has
 * an end in the past does not move; nothing is asked for where nothing is selected.
 */
export function useHistory(
  select: string,
  metrics: readonly string[],
  rangeName: RangeName,
  endSeconds: number | null = null,
): History {
  const [history, setHistory] = useState<History>(nothing);
  const metricList = metrics.join();
  const busy = useRef(false);
  useEffect(() => {
    const { seconds, stepSeconds, refreshSeconds } = ranges[rangeName];
    const abort = new AbortController();
    const store: Store = new Map();
    let reachedSeconds: number | null = null;
    busy.current = false;
    const load = async () => {
      if (select === '' || busy.current || (reachedSeconds !== null && endSeconds !== null)) return;
      if (document.visibilityState === 'hidden' && reachedSeconds !== null) return;
      busy.current = true;
      const now = endSeconds ?? (Date.now() + (readState().clockOffsetMilliseconds ?? 0)) / 1000;
      const toSeconds = Math.floor(now / stepSeconds) * stepSeconds + stepSeconds;
      const fromSeconds = toSeconds - seconds;
      const tailFromSeconds = Math.max(fromSeconds, (reachedSeconds ?? 0) - tailSteps * stepSeconds);
      const question = { select, fromSeconds: tailFromSeconds, toSeconds, stepSeconds };
      const results = await Promise.all(
        metricList.split(',').map((metric) => ask({ ...question, metric }, abort.signal)),
      );
      for (const result of results) absorb(store, result, { fromSeconds, tailFromSeconds });
      reachedSeconds = toSeconds;
      setHistory({
        status: 'ready',
        problem: null,
        fromMilliseconds: fromSeconds * 1000,
        toMilliseconds: toSeconds * 1000,
        lines: toLines(store, stepSeconds),
      });
    };
    const run = () =>
      load()
        .catch((error: unknown) => {
          if (abort.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setHistory((before) => ({ ...before, status: 'failed', problem }));
        })
        .finally(() => {
          busy.current = false;
        });
    setHistory(nothing);
    void run();
    const timer = setInterval(() => void run(), refreshSeconds * 1000);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [select, metricList, rangeName, endSeconds]);
  return history;
}
