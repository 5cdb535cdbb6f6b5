'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { VersionsView } from '../../lib/model/index.ts';

const refreshMilliseconds = 5_000;
const deadlineMilliseconds = 10_000;
/** Someone who types a filter is not asked after at every letter. */
const settleMilliseconds = 150;

export interface Polled {
  readonly view: VersionsView | null;
  /** The view is still of the path before. */
  readonly isOfBefore: boolean;
  /** Why it could not be read; what is shown is then as of the view's own time. */
  readonly problem: string | null;
  readonly reload: () => void;
}

async function read(path: string, abort: AbortSignal): Promise<VersionsView> {
  const answer = await fetch(path, {
    signal: AbortSignal.any([abort, AbortSignal.timeout(deadlineMilliseconds)]),
  });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
    throw new Error(problem?.detail ?? `the hub answers ${answer.status}`);
  }
  return (await answer.json()) as VersionsView;
}

/**
 * GET /api/v1/versions, again every five seconds while someone looks, and whenever `path` changes. `initial`: what the
 * server rendered of `path`, or null. A null path asks nothing.
 */
export function useVersions(path: string | null, initial: VersionsView | null): Polled {
  const [state, setState] = useState<{
    path: string | null;
    view: VersionsView | null;
    problem: string | null;
  }>({ path, view: initial, problem: null });
  const load = useRef<() => void>(() => {});
  const hasView = state.view !== null && state.path === path;
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    load.current = () =>
      void read(path, abort.signal).then(
        // What did not change keeps its object, so that nothing below is drawn again.
        (view) =>
          setState((old) =>
            old.path === path && old.view?.revision === view.revision && old.problem === null
              ? old
              : { path, view, problem: null },
          ),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setState((old) => ({ path, view: old.path === path ? old.view : null, problem }));
        },
      );
    const first = hasView ? null : setTimeout(() => load.current(), settleMilliseconds);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') load.current();
    }, refreshMilliseconds);
    return () => {
      if (first !== null) clearTimeout(first);
      clearInterval(timer);
      abort.abort();
    };
  }, [path, hasView]);
  const reload = useCallback(() => load.current(), []);
  return { view: state.view, isOfBefore: state.path !== path, problem: state.problem, reload };
}
