'use client';
import { useEffect, useMemo, useState } from 'react';
import type { ContainerView, HostSummary, Labelled, Page } from '../../lib/model/index.ts';
import { FilterBox } from '../components/choice.client.tsx';
import {
  GroupChoice,
  HostFilterBar,
  useChosen,
  useHostFilter,
  useUrlGrouping,
} from '../components/host-filter.client.tsx';
import { groupingKey, type LabelGrouping, labelHeading, labelKeys } from '../components/host-filter.ts';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlText } from '../components/url-state.client.ts';
import { plural } from '../format/index.ts';
import { useLive, useTopic } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';
import { ContainersExport } from './containers-export.client.tsx';
import { containersQuery } from './containers-query.ts';
import { ContainersTable } from './containers-table.client.tsx';

const refreshMilliseconds = 5_000;

/** What the page needs of a host: by what it is chosen and grouped. */
export interface HostTags extends Labelled {
  readonly id: string;
  readonly gpus: readonly never[];
}

const selectHosts = (state: LiveState) => state.hosts;

/**
 * Containers are not on the fleet topic, so the page asks again while someone looks, and at once when other hosts are
 * chosen.
 */
function useContainers(initial: Page<ContainerView>, query: string): Page<ContainerView> {
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

const groupings = ['none', 'host', 'group', 'image'] as const;
const groupingWords = { none: 'nothing', host: 'host', group: 'group', image: 'image' } as const;

function headingOf(
  container: ContainerView,
  host: Labelled | undefined,
  by: (typeof groupings)[number] | LabelGrouping,
): string {
  const key = groupingKey(by);
  if (key !== null) return host === undefined ? `no label ${key}` : labelHeading(host, key);
  if (by === 'host') return container.hostname;
  if (by === 'image') return container.image ?? 'image unknown';
  return by === 'group' ? (host?.group ?? 'group unknown') : '';
}

function matches(container: ContainerView, text: string): boolean {
  const words = text.trim().toLowerCase().split(/\s+/);
  const { name, id, image, hostname, cudaVersion, namespace, pod, state } = container;
  const all = [name, id, image, hostname, cudaVersion, namespace, pod, state].join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}

interface ContainersViewProps {
  readonly initial: Page<ContainerView>;
  readonly hosts: readonly HostTags[];
  readonly serverTime: string;
}

/** The Containers page. */
export function ContainersView({ initial, hosts: firstHosts, serverTime }: ContainersViewProps) {
  useTopic('fleet');
  const hosts: readonly (Labelled & Pick<HostSummary, 'id' | 'gpus'>)[] =
    useLive(selectHosts, null) ?? firstHosts;
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const [by, setBy] = useUrlGrouping(groupings);
  const { group, label } = chosen;
  const page = useContainers(initial, containersQuery({ group, label }));
  const hostsById = useMemo(() => new Map(wanted.map((host) => [host.id, host])), [wanted]);
  // What was answered for another choice is not shown for this one.
  const containers = useMemo(
    () => page.items.filter((container) => hostsById.has(container.hostId)),
    [page, hostsById],
  );
  const [filter, setFilter] = useUrlText('q');
  const shown = useMemo(
    () => containers.filter((container) => matches(container, filter)),
    [containers, filter],
  );
  const groups = useMemo(() => {
    const byHeading = Map.groupBy(shown, (container) =>
      headingOf(container, hostsById.get(container.hostId), by),
    );
    return [...byHeading].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  }, [shown, hostsById, by]);
  return (
    <>
      <PageTitle aside={plural(containers.length, 'container')}>Containers</PageTitle>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
        <span className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2">
          <FilterBox label="Filter: name, image, host, CUDA" value={filter} onChange={setFilter} />
          <HostFilterBar hosts={hosts} chosen={chosen} />
          <GroupChoice
            value={by}
            choices={groupings.map((key) => [key, groupingWords[key]])}
            keys={keys}
            onChange={setBy}
          />
        </span>
        <ContainersExport containers={shown} filter={filter} />
      </div>
      {groups.map(([heading, items]) => (
        <Panel
          key={heading}
          className="mb-3"
          {...(by === 'none' ? {} : { title: heading, aside: plural(items.length, 'container') })}
        >
          <ContainersTable containers={items} serverTime={serverTime} hasHost />
        </Panel>
      ))}
      {shown.length > 0 ? null : (
        <Panel>
          <Empty
            title={
              filter === '' && !chosen.isActive
                ? 'No container uses a GPU'
                : 'No container matches the filter'
            }
          >
            A container shows up when one of its processes is on a GPU and the agent may ask the container
            engine.
          </Empty>
        </Panel>
      )}
      {page.total > page.items.length ? (
        <p className="pt-2 text-muted">
          The first {page.items.length} of {page.total} are shown; choose groups or labels to see others.
        </p>
      ) : null}
    </>
  );
}
