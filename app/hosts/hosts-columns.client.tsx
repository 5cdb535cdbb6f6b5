'use client';
import Link from 'next/link';
import type { HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import type { Column } from '../components/data-table.client.tsx';
import { groupingKey, type LabelGrouping, labelHeading } from '../components/host-filter.ts';
import { standingOf, standings, standingWhy } from '../components/host-standing.ts';
import { HostStateBadge, MaintenanceBadge, standingLook } from '../components/host-state.tsx';
import { RatioBar } from '../components/meter.tsx';
import { Value } from '../components/value.tsx';
import { timeOf } from '../export/csv.ts';
import { formatBytesOf, formatMeanPercent, formatWatts } from '../format/index.ts';
import type { HostFigures } from './host-figures.ts';

/** A host in the table, with what its GPUs tell together. */
export interface HostRow {
  readonly host: HostSummary;
  readonly figures: HostFigures;
}

const memoryRatio = ({ memoryUsedBytes: used, memoryTotalBytes: total }: HostFigures) =>
  used === null || !total ? null : used / total;

const reasonOf = (host: HostSummary) => (host.current ? 'no GPU of this host tells it' : host.stateReason);

/** The state, and in words why it is not well. */
function Standing({ host }: { host: HostSummary }) {
  const why = standingWhy(host);
  return (
    <span className="block min-w-0 py-1">
      <span className="inline-flex flex-wrap gap-x-2">
        <HostStateBadge state={standingOf(host)} reason={why ?? host.stateReason} />
        <MaintenanceBadge maintenance={host.maintenance} />
      </span>
      {why === null || host.state === 'starting' ? null : (
        <span className="line-clamp-2 max-w-72 text-xs text-muted max-sm:hidden" title={why}>
          {why}
        </span>
      )}
    </span>
  );
}

/** The columns of the table; ages are counted from `serverTime` until the stream tells the time. */
export function columnsFor(serverTime: string): readonly Column<HostRow>[] {
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
      sort: ({ host }) => standings.indexOf(standingOf(host)),
      csv: [
        { header: 'State', value: ({ host }) => host.state },
        { header: 'State reason', value: ({ host }) => standingWhy(host) ?? host.stateReason },
      ],
      cell: ({ host }) => <Standing host={host} />,
    },
    {
      id: 'since',
      header: 'Since',
      sort: ({ host }) => -Date.parse(host.stateSince),
      csv: [{ header: 'State since (UTC)', value: ({ host }) => timeOf(host.stateSince) }],
      cell: ({ host }) => <Age at={host.stateSince} serverTime={serverTime} testId="state-since" />,
    },
    {
      id: 'age',
      header: 'Reported',
      sort: ({ host }) => (host.lastReportAt === null ? null : -Date.parse(host.lastReportAt)),
      csv: [{ header: 'Reported (UTC)', value: ({ host }) => timeOf(host.lastReportAt) }],
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
      csv: [
        { header: 'GPUs', value: ({ host }) => host.gpus.length },
        { header: 'Model', value: ({ figures }) => figures.model },
      ],
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

const figureColumns: readonly Column<HostRow>[] = [
  {
    id: 'utilization',
    header: 'Utilization',
    card: 'labelled',
    align: 'right',
    sort: ({ figures }) => figures.utilizationRatio,
    csv: [{ header: 'Utilization (ratio)', value: ({ figures }) => figures.utilizationRatio }],
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
    csv: [
      { header: 'Memory used (bytes)', value: ({ figures }) => figures.memoryUsedBytes },
      { header: 'Memory total (bytes)', value: ({ figures }) => figures.memoryTotalBytes },
    ],
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
    csv: [{ header: 'Power (watts)', value: ({ figures }) => figures.powerWatts }],
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

export const groupings = ['none', 'group', 'state', 'driver', 'cuda'] as const;
export const groupingWords = {
  none: 'nothing',
  group: 'group',
  state: 'state',
  driver: 'driver',
  cuda: 'CUDA',
} as const;

export type Grouping = (typeof groupings)[number] | LabelGrouping;

/** The heading under which a host stands. */
export function groupName({ host }: HostRow, by: Grouping): string {
  const key = groupingKey(by);
  if (key !== null) return labelHeading(host, key);
  switch (by) {
    case 'group':
      return host.group;
    case 'state':
      return standingLook(host).word;
    case 'driver':
      return host.driverVersion ?? 'driver unknown';
    case 'cuda':
      return host.cudaVersion === null ? 'CUDA unknown' : `CUDA ${host.cudaVersion}`;
    default:
      return '';
  }
}

/** A box to choose each host by. */
export const tickColumn = (
  chosen: ReadonlySet<string>,
  choose: (ids: ReadonlySet<string>) => void,
): Column<HostRow> => ({
  id: 'chosen',
  header: 'Chosen',
  card: 'labelled',
  csv: [],
  cell: ({ host }) => (
    <input
      type="checkbox"
      aria-label={`Choose ${host.hostname}`}
      checked={chosen.has(host.id)}
      onChange={(event) => {
        const next = new Set(chosen);
        if (event.target.checked) next.add(host.id);
        else next.delete(host.id);
        choose(next);
      }}
      className="size-4 accent-accent"
    />
  ),
});
