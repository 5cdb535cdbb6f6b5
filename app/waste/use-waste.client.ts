'use client';
import { useEffect, useState } from 'react';
import type { WasteReport } from '../../lib/model/index.ts';

const refreshMilliseconds = 60_000;
const deadlineMilliseconds = 30_000;

export interface Waste {
  readonly report: WasteReport;
  /** True while what is shown answers an older question. */
  readonly isLoading: boolean;
  /** Why the last question was not answered; null when it was. */
  readonly problem: string | null;
}

async function problemOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => null);
  const detail = typeof body === 'object' && body !== null ? Reflect.get(body, 'detail') : null;
  return typeof detail === 'string' ? detail : `the hub answered ${answer.status}`;
}

/** The report that the query asks for: asked again when it changes, and each minute while the month goes on. */
export function useWaste(initial: WasteReport, query: string): Waste {
  const [answered, setAnswered] = useState<{ readonly query: string; readonly report: WasteReport }>({
    query,
    report: initial,
  });
  const [problem, setProblem] = useState<string | null>(null);
  const isLoading = answered.query !== query;
  const isOver = answered.report.isOver && !isLoading;
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      if (document.visibilityState === 'hidden') return;
      const answer = await fetch(`/api/v1/waste?${query}`, {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(deadlineMilliseconds)]),
      });
      if (!answer.ok) throw new Error(await problemOf(answer));
      setAnswered({ query, report: (await answer.json()) as WasteReport });
      setProblem(null);
    };
    const refresh = () =>
      void load().catch((error: unknown) => {
        if (!abort.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      });
    if (isLoading) refresh();
    const timer = isOver ? null : setInterval(refresh, refreshMilliseconds);
    return () => {
      if (timer !== null) clearInterval(timer);
      abort.abort();
    };
  }, [query, isLoading, isOver]);
  return { report: answered.report, isLoading, problem };
}
