'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AlertTally } from '../../lib/model/index.ts';
import { useLive, useTopic } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';

const selectAlerts = (state: LiveState) => state.alerts;

/** How many alerts fire, live; what the server rendered until the stream tells. */
export function useAlertTally(initial: AlertTally): AlertTally {
  useTopic('fleet');
  return useLive(selectAlerts, null) ?? initial;
}

export interface Fresh<T> {
  readonly value: T;
  /** Why it may be old; null while it is as the hub says. */
  readonly problem: string | null;
  readonly refresh: () => void;
}

const deadlineMillis = 10_000;
const retryMillis = 5000;

/** What the server rendered: the answer of `path` at that revision. */
export interface Rendered<T> {
  readonly path: string;
  readonly revision: number;
  readonly value: T;
}

/** Part of the API, asked for again whenever `revision` or `path` changes and after a change of one's own. */
export function useFresh<T>(path: string, revision: number, first: Rendered<T>): Fresh<T> {
  const [state, setState] = useState<{ value: T; problem: string | null }>({
    value: first.value,
    problem: null,
  });
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((now) => now + 1), []);
  const asked = useRef(`${first.path} ${first.revision} 0`);
  useEffect(() => {
    const key = `${path} ${revision} ${turn}`;
    if (asked.current === key) return;
    const abort = new AbortController();
    let retry: ReturnType<typeof setTimeout> | null = null;
    const ask = async () => {
      try {
        const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(deadlineMillis)]);
        const answer = await fetch(path, { signal });
        if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
        setState({ value: (await answer.json()) as T, problem: null });
        asked.current = key;
      } catch (error) {
        if (abort.signal.aborted) return;
        const why =
          error instanceof Error && error.message.startsWith('the hub') ? error.message : 'no answer';
        setState((before) => ({ ...before, problem: why }));
        retry = setTimeout(refresh, retryMillis);
      }
    };
    void ask();
    return () => {
      abort.abort();
      if (retry !== null) clearTimeout(retry);
    };
  }, [path, revision, turn, refresh]);
  return { ...state, refresh };
}
