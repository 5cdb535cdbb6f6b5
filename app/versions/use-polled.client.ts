'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

const usualMilliseconds = 5_000;
const deadlineMilliseconds = 10_000;
/** Someone who types a filter is not asked after at every letter. */
const settleMilliseconds = 150;

export interface Polled<T> {
  readonly view: T | null;
  /** The view is still of the path before. */
  readonly isOfBefore: boolean;
  /** Why it could not be read; what is shown is then as of the view's own time. */
  readonly problem: string | null;
  readonly reload: () => void;
}

interface PollOptions<T> {
  /** Whether two answers show the same: then nothing is drawn again. */
  readonly isSame: (a: T, b: T) => boolean;
  readonly everyMilliseconds?: number;
}

async function read<T>(path: string, abort: AbortSignal): Promise<T> {
  const answer = await fetch(path, {
    signal: AbortSignal.any([abort, AbortSignal.timeout(deadlineMilliseconds)]),
  });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
    throw new Error(problem?.detail ?? `the hub answers ${answer.status}`);
  }
  return (await answer.json()) as T;
}

/**
 * What an address of the API answers, again and again while someone looks, and whenever `path` changes. `initial`: what
 * the server rendered of `path`, or null. A null path asks nothing.
 */
export function usePolled<T>(path: string | null, initial: T | null, options: PollOptions<T>): Polled<T> {
  const { isSame, everyMilliseconds = usualMilliseconds } = options;
  const [state, setState] = useState<{ path: string | null; view: T | null; problem: string | null }>({
    path,
    view: initial,
    problem: null,
  });
  const load = useRef<() => void>(() => {});
  const same = useRef(isSame);
  const hasView = state.view !== null && state.path === path;
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    load.current = () =>
      void read<T>(path, abort.signal).then(
        (view) =>
          setState((old) => {
            const isOld =
              old.path === path && old.view !== null && old.problem === null && same.current(old.view, view);
            return isOld ? old : { path, view, problem: null };
          }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setState((old) => ({ path, view: old.path === path ? old.view : null, problem }));
        },
      );
    const first = hasView ? null : setTimeout(() => load.current(), settleMilliseconds);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') load.current();
    }, everyMilliseconds);
    return () => {
      if (first !== null) clearTimeout(first);
      clearInterval(timer);
      abort.abort();
    };
  }, [path, hasView, everyMilliseconds]);
  const reload = useCallback(() => load.current(), []);
  return { view: state.view, isOfBefore: state.path !== path, problem: state.problem, reload };
}
