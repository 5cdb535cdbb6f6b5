'use client';
import { useEffect, useMemo, useState } from 'react';
import type { ContainerView, HostSummary, Page } from '../../lib/model/index.ts';
import type { Role } from '../places.ts';
import { placesFor } from '../places.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { createIndex, type SearchIndex } from './find.ts';
import {
  actionItem,
  containerItem,
  containerItems,
  fleetItems,
  placeItem,
  type SearchItem,
} from './items.ts';
import { actionsFor } from './own-actions.client.ts';

const none: readonly never[] = [];
const mostContainers = 1000;

async function askContainers(
  query: string,
  limit: number,
  signal: AbortSignal,
): Promise<Page<ContainerView>> {
  const answer = await fetch(`/api/v1/containers?limit=${limit}${query}`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
  });
  if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
  return (await answer.json()) as Page<ContainerView>;
}

/** Containers are not on the fleet topic: they are asked for when the box opens. */
function useContainers(): Page<ContainerView> | null {
  const [page, setPage] = useState<Page<ContainerView> | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    askContainers('', mostContainers, abort.signal).then(setPage, () => undefined);
    return () => abort.abort();
  }, []);
  return page;
}

/** Of a fleet with more containers than one answer holds, the hub is asked while someone types. */
export function useFarContainers(text: string, isNeeded: boolean): readonly SearchItem[] {
  const [items, setItems] = useState<readonly SearchItem[]>(none);
  useEffect(() => {
    setItems(none);
    if (!isNeeded || text.trim().length < 2) return;
    const abort = new AbortController();
    const ask = () =>
      askContainers(`&q=${encodeURIComponent(text.trim())}`, 6, abort.signal).then(
        (page) => setItems(page.items.map(containerItem)),
        () => undefined,
      );
    const timer = setTimeout(() => void ask(), 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, isNeeded]);
  return items;
}

export interface OpenIndex {
  readonly index: SearchIndex;
  /** Shown before anything is typed: pages, what can be done, hosts that need someone. */
  readonly first: readonly SearchItem[];
  readonly hasFarContainers: boolean;
}

const isFine = (host: HostSummary) => host.state === 'ok';

/** Made once when the box opens, and again when hosts or containers first come: results do not move while one reads. */
export function useIndex(role: Role, canSignOut: boolean): OpenIndex {
  const live = useFleetHosts(none);
  const [hosts, setHosts] = useState(live);
  if (hosts.length === 0 && live.length > 0) setHosts(live);
  const containers = useContainers();
  const own = useMemo(
    () => [...placesFor(role).map(placeItem), ...actionsFor(role, canSignOut).map(actionItem)],
    [role, canSignOut],
  );
  const fleet = useMemo(() => fleetItems(hosts), [hosts]);
  const index = useMemo(
    () => createIndex([...own, ...fleet, ...containerItems(containers?.items ?? none)]),
    [own, fleet, containers],
  );
  const first = useMemo(() => {
    const troubled = fleetItems(hosts.filter((host) => !isFine(host))).filter(({ kind }) => kind === 'host');
    return [...own, ...troubled.slice(0, 8)];
  }, [own, hosts]);
  return { index, first, hasFarContainers: (containers?.total ?? 0) > mostContainers };
}
