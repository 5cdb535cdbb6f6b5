'use client';
import { useEffect, useState } from 'react';
import type { AlertTally, AttentionItem, HostSummary } from '../../lib/model/index.ts';

/** Drift and baselines change without any host's state. */
const askAgainMilliseconds = 10_000;

/** Asks the hub again when a host's or GPU's state or an alert changed, at most once a second, and now and then anyway. */
export function useAttention(
  first: readonly AttentionItem[],
  seen: { readonly hosts: readonly HostSummary[]; readonly alerts: AlertTally },
  read: () => Promise<readonly AttentionItem[]>,
): readonly AttentionItem[] {
  const [items, setItems] = useState(first);
  const states = [
    seen.alerts.revision,
    ...seen.hosts.map((host) => `${host.id}${host.state}${host.gpus.map((gpu) => gpu.state[0]).join('')}`),
  ].join();
  const [asked, setAsked] = useState(states);
  useEffect(() => {
    if (states === asked) return;
    const timer = setTimeout(() => {
      setAsked(states);
      read().then(setItems, () => undefined);
    }, 1000);
    return () => clearTimeout(timer);
  }, [states, asked, read]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') read().then(setItems, () => undefined);
    }, askAgainMilliseconds);
    return () => clearInterval(timer);
  }, [read]);
  return items;
}
