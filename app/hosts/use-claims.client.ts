'use client';
import { useCallback, useEffect, useState } from 'react';
import type { ClaimsView } from '../../lib/hub/operations/list-claims.ts';

const refreshMilliseconds = 10_000;

/** What about hosts waits for a person, asked again while someone looks; the second part asks at once. */
export function useClaims(initial: ClaimsView): readonly [ClaimsView, () => void] {
  const [view, setView] = useState(initial);
  const load = useCallback(async () => {
    if (document.visibilityState === 'hidden') return;
    const answer = await fetch('/api/v1/claims', { signal: AbortSignal.timeout(refreshMilliseconds) });
    if (answer.ok) setView((await answer.json()) as ClaimsView);
  }, []);
  const refresh = useCallback(() => void load().catch(() => undefined), [load]);
  useEffect(() => {
    const timer = setInterval(refresh, refreshMilliseconds);
    return () => clearInterval(timer);
  }, [refresh]);
  return [view, refresh];
}
