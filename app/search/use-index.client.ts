'use client';
import { useEffect, useMemo, useState } from 'react';
import type { Alert, ContainerView, HostSummary, Page } from '../../lib/model/index.ts';
import type { Role } from '../places.ts';
import { placesFor } from '../places.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { createIndex, type SearchIndex } from './find.ts';
import {
  actionItem,
  alertItem,
  containerItem,
  containerItems,
  errorItems,
  fleetItems,
  placeItem,
  type SearchItem,
} from './items.ts';
import { actionsFor } from './own-actions.client.ts';

const none: readonly never[] = [];
const mostContainers = 1000;

const mostAlerts = 200;
/** So many alerts and hosts each before anything is typed. */
const mostFirst = 8;
const everyContainer = `/api/v1/containers?limit=${mostContainers}`;
const openAlerts = `/api/v1/alerts?phase=open&limit=${mostAlerts}`;

async function ask<T>(path: string, signal: AbortSignal): Promise<Page<T>> {
  const answer = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
  if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
  return (await answer.json()) as Page<T>;
}

/** What is not on the fleet topic is asked for when the box opens; null until it is there. */
function useAsked<T>(path: string): Page<T> | null {
  const [page, setPage] = useState<Page<T> | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    ask<T>(path, abort.signal).then(setPage, () => undefined);
    return () => abort.abort();
  }, [path]);
  return page;
}

/** Of a fleet with more containers than one answer holds, the hub is asked while someone types. */
export function useFarContainers(text: string, isNeeded: boolean): readonly SearchItem[] {
  const [items, setItems] = useState<readonly SearchItem[]>(none);
  useEffect(() => {
    setItems(none);
    if (!isNeeded || text.trim().length < 2) return;
    const abort = new AbortController();
    const path = `/api/v1/containers?limit=6&q=${encodeURIComponent(text.trim())}`;
    const askNow = () =>
      ask<ContainerView>(path, abort.signal).then(
        (page) => setItems(page.items.map(containerItem)),
        () => undefined,
      );
    const timer = setTimeout(() => void askNow(), 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, isNeeded]);
  return items;
}

export interface OpenIndex {
  readonly index: SearchIndex;
  /** Shown before anything is typed: pages, what can be done, what fires, hosts that need someone. */
  readonly first: readonly SearchItem[];
  readonly hasFarContainers: boolean;
}

const isFine = (host: HostSummary) => host.state === 'ok';

/** Made once when the box opens, and again when hosts, containers or alerts first come: results do not move while one reads. */
export function useIndex(role: Role, canSignOut: boolean): OpenIndex {
  const live = useFleetHosts(none);
  const [hosts, setHosts] = useState(live);
  if (hosts.length === 0 && live.length > 0) setHosts(live);
  const containers = useAsked<ContainerView>(everyContainer);
  const alerts = useAsked<Alert>(openAlerts);
  const own = useMemo(
    () => [...placesFor(role).map(placeItem), ...actionsFor(role, canSignOut).map(actionItem)],
    [role, canSignOut],
  );
  const fleet = useMemo(() => fleetItems(hosts), [hosts]);
  const index = useMemo(
    () =>
      createIndex([
        ...own,
        ...errorItems(),
        ...fleet,
        ...(alerts?.items ?? none).map(alertItem),
        ...containerItems(containers?.items ?? none),
      ]),
    [own, fleet, containers, alerts],
  );
  const first = useMemo(() => {
    const loud = (alerts?.items ?? none).filter(({ phase, quiet }) => phase === 'firing' && quiet === null);
    const troubled = fleetItems(hosts.filter((host) => !isFine(host))).filter(({ kind }) => kind === 'host');
    return [...own, ...loud.slice(0, mostFirst).map(alertItem), ...troubled.slice(0, mostFirst)];
  }, [own, hosts, alerts]);
  return { index, first, hasFarContainers: (containers?.total ?? 0) > mostContainers };
}
