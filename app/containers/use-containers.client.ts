'use client';
import { useEffect, useState } from 'react';
import type { ContainerView, Page } from '../../lib/model/index.ts';

const refreshMilliseconds = 5_000;

/**
 * Containers are not on the fleet topic, so the page asks again while someone looks, and at once when other hosts are
 * chosen.
 */
export function useContainers(initial: Page<ContainerView>, query: string): Page<ContainerView> {
  const [page, setPage] = useState(initial);
  const [asked, setAsked] = useState(query);
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      if (document.visibilityState === 'hidden') return;
      const answer = await fetch(`/api/v1/containers?${query}`, {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(refreshMilliseconds)]),
      });
      if (answer.ok) setPage((await answer.json()) as Page<ContainerView>);
      setAsked(query);
    };
    const refresh = () => void load().catch(() => undefined);
    if (query !== asked) refresh();
    const timer = setInterval(refresh, refreshMilliseconds);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [query, asked]);
  return page;
}
