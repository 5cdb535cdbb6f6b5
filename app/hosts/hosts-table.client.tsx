'use client';
import Link from 'next/link';
import { useCallback, useMemo } from 'react';
import type { HostState, HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Choice, FilterBox } from '../components/choice.client.tsx';
import { type Column, DataTable } from '../components/data-table.client.tsx';
import { HostStateBadge, hostLooks } from '../components/host-state.tsx';
import { RatioBar } from '../components/meter.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { Value } from '../components/value.tsx';
import { formatBytesOf, formatMeanPercent, formatWatts, plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { figuresOf, type HostFigures, matchesHost } from './host-figures.ts';

interface Row {
  readonly host: HostSummary;
  readonly figures: HostFigures;
}

/** Worst first when sorted by state. */
const stateOrder: readonly HostState[] = [
  'driver-hung',
  'driver-failed',
  'gpu-lost',
  'gone',
  'late',
  'paused',
  'no-gpus',
  'starting',
  'ok',
];

const memoryRatio = ({ memoryUsedBytes: used, memoryTotalBytes: total }: HostFigures) =>
  used === null || !total ? null : used / total;

const reasonOf = (host: HostSummary) => (host.current ? 'no GPU of this host tells it' : host.stateReason);

function columnsFor(serverTime: string): readonly Column<Row>[] {
  return [
    {
      id: 'name',
      header: 'Host',
      card: 'title',
      sort: ({ host }) => host.hostname,
      cell: ({ host }) => (
        <Link
          href={`/hosts/${encodeURIComponent(host.id)}`}
          prefetch={false}
          data-row-link
          className="font-medium text-text hover:underline"
        >
          {host.hostname}
        </Link>
      ),
    },
    {
      id: 'state',
      header: 'State',
      card: 'state',
      sort: ({ host }) => stateOrder.indexOf(host.state),
      cell: ({ host }) => <HostStateBadge state={host.state} reason={host.stateReason} />,
    },
    {
      id: 'age',
      header: 'Reported',
      sort: ({ host }) => (host.lastReportAt === null ? null : -Date.parse(host.lastReportAt)),
      cell: ({ host }) => (
        <Age
          at={host.lastReportAt}
          serverTime={serverTime}
          staleAfterSeconds={host.intervalSeconds * 1.5}
          testId="host-age"
        />
      ),
    },
    {
      id: 'gpus',
      header: 'GPUs',
      card: 'labelled',
      sort: ({ host }) => host.gpus.length,
      cell: ({ figures }) => <Value value={figures.model} format={(text) => text} reason="no GPU seen" />,
    },
    {
      id: 'driver',
      header: 'Driver',
      sort: ({ host }) => host.driverVersion,
      cell: ({ host }) => <Value value={host.driverVersion} format={(text) => text} reason="not told" />,
    },
    {
      id: 'cuda',
      header: 'CUDA',
      sort: ({ host }) => host.cudaVersion,
      cell: ({ host }) => <Value value={host.cudaVersion} format={(text) => text} reason="not told" />,
    },
    ...figureColumns,
  ];
}

const figureColumns: readonly Column<Row>[] = [
  {
    id: 'utilization',
    header: 'Utilization',
    card: 'labelled',
    align: 'right',
    sort: ({ figures }) => figures.utilizationRatio,
    cell: ({ host, figures }) => (
      <span className="inline-flex items-center justify-end gap-2">
        <RatioBar ratio={figures.utilizationRatio} className="w-16 max-xl:hidden" />
        <span className="inline-block w-14">
          <Value value={figures.utilizationRatio} format={formatMeanPercent} reason={reasonOf(host)} />
        </span>
      </span>
    ),
  },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    sort: ({ figures }) => memoryRatio(figures),
    cell: ({ host, figures }) => (
      <Value
        value={figures.memoryUsedBytes}
        format={(used) => formatBytesOf(used, figures.memoryTotalBytes ?? used)}
        reason={reasonOf(host)}
      />
    ),
  },
  {
    id: 'power',
    header: 'Power',
    align: 'right',
    sort: ({ figures }) => figures.powerWatts,
    cell: ({ host, figures }) => (
      <Value value={figures.powerWatts} format={formatWatts} reason={reasonOf(host)} />
    ),
  },
  {
    id: 'containers',
    header: 'Containers',
    align: 'right',
    sort: ({ host }) => host.containerCount,
    cell: ({ host }) => host.containerCount,
  },
];

const groupings = ['none', 'group', 'state', 'driver', 'cuda'] as const;
const groupingWords = {
  none: 'nothing',
  group: 'group',
  state: 'state',
  driver: 'driver',
  cuda: 'CUDA',
} as const;

function groupName({ host }: Row, by: (typeof groupings)[number]): string {
  switch (by) {
    case 'group':
      return host.group;
    case 'state':
      return hostLooks[host.state].word;
    case 'driver':
      return host.driverVersion ?? 'driver unknown';
    case 'cuda':
      return host.cudaVersion === null ? 'CUDA unknown' : `CUDA ${host.cudaVersion}`;
    case 'none':
      return '';
  }
}

/** The Hosts page, live. */
export function HostsView({ initial, serverTime }: { initial: readonly HostSummary[]; serverTime: string }) {
  const hosts = useFleetHosts(initial);
  const [filter, setFilter] = useUrlText('q');
  const [by, setBy] = useUrlChoice('group', groupings);
  const columns = useMemo(() => columnsFor(serverTime), [serverTime]);
  const rows = useMemo(
    () =>
      hosts.filter((host) => matchesHost(host, filter)).map((host) => ({ host, figures: figuresOf(host) })),
    [hosts, filter],
  );
  const groupOf = useCallback((row: Row) => groupName(row, by), [by]);
  return (
    <>
      <PageTitle
        aside={
          rows.length === hosts.length ? plural(hosts.length, 'host') : `${rows.length} of ${hosts.length}`
        }
      >
        Hosts
      </PageTitle>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox label="Filter: name, GPU, driver, label" value={filter} onChange={setFilter} />
        <Choice
          label="Group by"
          value={by}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          onChange={setBy}
        />
      </div>
      <Panel>
        <DataTable
          caption="Hosts"
          columns={columns}
          rows={rows}
          rowId={rowId}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isGone}
          empty={<NoHosts filtered={filter !== ''} />}
        />
      </Panel>
    </>
  );
}

const rowId = ({ host }: Row) => host.id;
const isGone = ({ host }: Row) => host.state === 'gone';

function NoHosts({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty title="No host matches the filter">
      Every word must be in its name, GPU, driver, state or labels.
    </Empty>
  ) : (
    <Empty title="No host reports yet">
      <Link href="/hosts/add" className="text-accent underline">
        Add one
      </Link>{' '}
      with a single command.
    </Empty>
  );
}
