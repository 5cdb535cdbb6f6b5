'use client';
import { useCallback, useMemo } from 'react';
import type { ContainerView, Labelled, Page } from '../../lib/model/index.ts';
import { FilterBox } from '../components/choice.client.tsx';
import { DataTable, useShownRows } from '../components/data-table.client.tsx';
import {
  GroupChoice,
  HostFilterBar,
  useChosen,
  useHostFilter,
  useUrlGrouping,
} from '../components/host-filter.client.tsx';
import { groupingKey, type LabelGrouping, labelHeading, labelKeys } from '../components/host-filter.ts';
import { useHostTags } from '../components/host-tags.client.ts';
import type { HostTags } from '../components/host-tags.ts';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlText } from '../components/url-state.client.ts';
import { plural } from '../format/index.ts';
import { containerKey } from './container-address.ts';
import { containerColumns } from './container-columns.tsx';
import { ContainerSheet } from './container-sheet.client.tsx';
import { ContainersExport } from './containers-export.client.tsx';
import { containersQuery } from './containers-query.ts';
import { useContainers } from './use-containers.client.ts';

const groupings = ['none', 'host', 'group', 'image', 'cuda'] as const;
const groupingWords = {
  none: 'nothing',
  host: 'host',
  group: 'group',
  image: 'image',
  cuda: 'CUDA',
} as const;
type Grouping = (typeof groupings)[number] | LabelGrouping;

function headingOf(container: ContainerView, host: Labelled | undefined, by: Grouping): string {
  const key = groupingKey(by);
  if (key !== null) return host === undefined ? `no label ${key}` : labelHeading(host, key);
  switch (by) {
    case 'host':
      return container.hostname;
    case 'image':
      return container.image ?? 'image unknown';
    case 'cuda':
      return container.cudaVersion === null ? 'CUDA not told' : `CUDA ${container.cudaVersion}`;
    case 'group':
      return container.group;
    default:
      return '';
  }
}

function matches(container: ContainerView, words: readonly string[]): boolean {
  const { name, id, image, hostname, cudaVersion, namespace, pod, state } = container;
  const all = [name, id, image, hostname, cudaVersion, namespace, pod, state].join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}

const rowId = (container: ContainerView) => `${container.hostId} ${container.id}`;
const isDimmed = (container: ContainerView) => !container.current;

interface ContainersViewProps {
  readonly initial: Page<ContainerView>;
  /** The one in the address, also where it is not among the first thousand. */
  readonly named: ContainerView | null;
  readonly hosts: readonly HostTags[];
  readonly serverTime: string;
}

/** The Containers page. */
export function ContainersView({ initial, named, hosts: firstHosts, serverTime }: ContainersViewProps) {
  const hosts = useHostTags(firstHosts);
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const [by, setBy] = useUrlGrouping(groupings);
  const [filter, setFilter] = useUrlText('q');
  const [open] = useUrlText('c');
  const { group, label } = chosen;
  const page = useContainers(initial, containersQuery({ group, label }));
  const hostsById = useMemo(() => new Map(wanted.map((host) => [host.id, host])), [wanted]);
  // What was answered for another choice is not shown for this one.
  const containers = useMemo(
    () => page.items.filter((container) => hostsById.has(container.hostId)),
    [page, hostsById],
  );
  const shown = useMemo(() => {
    const words = filter.trim().toLowerCase().split(/\s+/);
    return containers.filter((container) => matches(container, words));
  }, [containers, filter]);
  const columns = useMemo(() => containerColumns(serverTime), [serverTime]);
  const groupOf = useCallback(
    (container: ContainerView) => headingOf(container, hostsById.get(container.hostId), by),
    [by, hostsById],
  );
  const shownRows = useShownRows<ContainerView>();
  const opened = [...page.items, ...(named === null ? [] : [named])].find(
    (container) => containerKey(container) === open,
  );
  const isAll = filter === '' && !chosen.isActive;
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
      <Panel>
        <DataTable
          caption="Containers that use GPUs"
          columns={columns}
          rows={shown}
          rowId={rowId}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isDimmed}
          shownRows={shownRows}
          empty={
            <Empty title={isAll ? 'No container uses a GPU' : 'No container matches the filter'}>
              A container shows up when one of its processes is on a GPU and the agent may ask the container
              engine.
            </Empty>
          }
        />
      </Panel>
      {page.total > page.items.length ? (
        <p className="pt-2 text-muted">
          The first {page.items.length} of {page.total} are shown; choose groups or labels to see others.
        </p>
      ) : null}
      {open === '' ? null : (
        <ContainerSheet
          container={opened ?? null}
          serverTime={serverTime}
          onClose={() => replaceInUrl({ c: null })}
        />
      )}
    </>
  );
}
