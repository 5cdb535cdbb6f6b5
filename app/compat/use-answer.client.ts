'use client';
import { useEffect, useState } from 'react';
import { goToLogin, type Refusal, sendChange } from '../components/send.client.ts';

const refreshMilliseconds = 15_000;
const deadlineMilliseconds = 10_000;

export interface Answer<T> {
  /** Null until the first answer, and after a refusal. */
  readonly value: T | null;
  readonly refusal: Refusal | null;
  readonly isAsking: boolean;
}

const nothing = { value: null, refusal: null, isAsking: false } as const;

/** The answer to a question of the API; `body` is JSON, and null asks nothing. Asked again when it changes. */
export function useAnswer<T>(path: string, body: string | null): Answer<T> {
  const [state, setState] = useState<Answer<T> & { readonly of: string | null }>({ ...nothing, of: null });
  useEffect(() => {
    if (body === null) return;
    let isOver = false;
    const ask = async (): Promise<void> => {
      const sent = await sendChange<T>('POST', path, JSON.parse(body));
      if (isOver) return;
      setState(
        sent.ok
          ? { value: sent.value, refusal: null, isAsking: false, of: body }
          : { value: null, refusal: sent.refusal, isAsking: false, of: body },
      );
    };
    void ask();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void ask();
    }, refreshMilliseconds);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [path, body]);
  if (body === null) return nothing;
  return state.of === body ? state : { ...nothing, isAsking: true };
}

/** GET, again every 15 s while someone looks and whenever the path changes; a null path asks nothing. */
export function usePolled<T>(
  path: string | null,
  initial: T | null,
): { value: T | null; problem: string | null } {
  const [state, setState] = useState<{ path: string | null; value: T | null; problem: string | null }>({
    path,
    value: initial,
    problem: null,
  });
  const isOfBefore = state.path !== path || state.value === null;
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const answer = await fetch(path, {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(deadlineMilliseconds)]),
      });
      if (answer.status === 401) goToLogin();
      const json: unknown = await answer.json();
      if (!answer.ok) throw new Error((json as { detail?: string }).detail ?? `status ${answer.status}`);
      setState({ path, value: json as T, problem: null });
    };
    const refresh = (): void =>
      void load().catch((error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        setState((old) => ({ path, value: old.path === path ? old.value : null, problem }));
      });
    if (isOfBefore) refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, refreshMilliseconds);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [path, isOfBefore]);
  return state.path === path ? state : { value: null, problem: null };
}
