'use client';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { HostDetail, HostSummary } from '../../lib/model/index.ts';
import { type LiveState, readState, sortHosts, subscribeState, subscribeTopic } from './live-store.client.ts';
import type { Topic } from './messages.ts';

const tickListeners = new Set<() => void>();
let tickSecond = 0;
let ticking: ReturnType<typeof setInterval> | null = null;

function subscribeTick(listener: () => void): () => void {
  tickListeners.add(listener);
  ticking ??= setInterval(() => {
    tickSecond = Math.floor(hubNow() / 1000) * 1000;
    for (const each of tickListeners) each();
  }, 1000);
  return () => {
    tickListeners.delete(listener);
    if (tickListeners.size > 0 || ticking === null) return;
    clearInterval(ticking);
    ticking = null;
    tickSecond = 0;
  };
}

function hubNow(): number {
  return Date.now() + (readState().clockOffsetMilliseconds ?? 0);
}

/** Asks the hub for a topic while the component is there. */
export function useTopic(topic: Topic): void {
  useEffect(() => subscribeTopic(topic), [topic]);
}

/** A part of the live state; `atFirst` is shown by the server and while hydrating. */
export function useLive<T>(select: (state: LiveState) => T, atFirst: T): T {
  const getServerSnapshot = useCallback(() => atFirst, [atFirst]);
  return useSyncExternalStore(subscribeState, () => select(readState()), getServerSnapshot);
}

const selectHosts = (state: LiveState) => state.hosts;

/** All hosts by name, live; what the server rendered until the stream has them. */
export function useFleetHosts(initial: readonly HostSummary[]): readonly HostSummary[] {
  useTopic('fleet');
  const first = useMemo(() => sortHosts(initial), [initial]);
  return useLive(selectHosts, null) ?? first;
}

/** One host, live. Null: the hub does not know it any more. */
export function useHostDetail(initial: HostDetail): HostDetail | null {
  useTopic(`host/${initial.id}`);
  const live = useLive((state) => state.details.get(initial.id), undefined);
  return live === undefined ? initial : live;
}

/** The hub's clock in milliseconds, once a second; `serverTime` is the hub's clock when the page was made. */
export function useHubNow(serverTime: string): number {
  const first = Date.parse(serverTime);
  return useSyncExternalStore(
    subscribeTick,
    () => tickSecond || first,
    () => first,
  );
}

const subscribeNothing = () => () => {};

/** False on the server and while hydrating: for what only the viewer's browser knows, such as its time zone. */
export function useIsHydrated(): boolean {
  return useSyncExternalStore(
    subscribeNothing,
    () => true,
    () => false,
  );
}
