'use client';
import { useEffect, useRef, useState } from 'react';
import type { FormerName, HostDetail } from '../../../lib/model/index.ts';

/** The stream may tell a new name before the hub has written the old one down. */
const askAfterMilliseconds = [300, 2000, 10_000] as const;

async function ask(id: string, signal: AbortSignal): Promise<readonly FormerName[]> {
  const answer = await fetch(`/api/v1/hosts/${encodeURIComponent(id)}/names`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
  });
  if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
  return ((await answer.json()) as { readonly names: readonly FormerName[] }).names;
}

/** What a host called itself before: as the page was rendered with, and anew when it is renamed while one looks. */
export function useFormerNames(
  { id, hostname: first }: Pick<HostDetail, 'id' | 'hostname'>,
  hostname: string,
  initial: readonly FormerName[],
): readonly FormerName[] {
  const [names, setNames] = useState(initial);
  const told = useRef(first);
  useEffect(() => {
    if (told.current === hostname) return;
    told.current = hostname;
    const abort = new AbortController();
    const look = () => void ask(id, abort.signal).then(setNames, () => undefined);
    const timers = askAfterMilliseconds.map((milliseconds) => setTimeout(look, milliseconds));
    return () => {
      abort.abort();
      for (const timer of timers) clearTimeout(timer);
    };
  }, [id, hostname]);
  return names;
}
