'use client';
import Link from 'next/link';
import { useCallback, useMemo } from 'react';
import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Choice, FilterBox } from '../components/choice.client.tsx';
import { type Column, DataTable } from '../components/data-table.client.tsx';
import { GpuStateBadge, HostStateBadge } from '../components/host-state.tsx';
import { RatioBar } from '../components/meter.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { Value } from '../components/value.tsx';
import { formatBytesOf, formatCelsius, formatPercent, formatWatts, plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';

interface Row {
  readonly host: HostSummary;
  readonly gpu: GpuSummary;
}

function whyMissing({ host, gpu }: Row): string | undefined {
  if (gpu.state !== 'ok') return `GPU ${gpu.state}`;
  if (!host.current) return host.stateReason;
  return gpu.migDevices.length > 0
    ? 'MIG is on: the driver tells no utilization for the whole GPU'
    : undefined;
}

/** Reason as a prop, or none. */
function why(row: Row): { readonly reason?: string } {
  const reason = whyMissing(row);
  return reason === undefined ? {} : { reason };
}

function columnsFor(serverTime: string): readonly Column<Row>[] {
  return [
    {
      id: 'gpu',
      header: 'GPU',
      card: 'title',
      sort: ({ host, gpu }) => `${host.hostname} ${gpu.index ?? 999}`,
      cell: ({ host, gpu }) => (
        <Link
          href={`/gpus/${encodeURIComponent(gpu.uuid)}`}
          prefetch={false}
          data-row-link
          title={gpu.uuid}
          className="whitespace-nowrap font-medium hover:underline"
        >
          {host.hostname} · {gpu.index ?? '?'}
        </Link>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      card: 'labelled',
      sort: ({ gpu }) => gpu.name,
      cell: ({ gpu }) => (
        <span className="whitespace-nowrap">
          <Value value={gpu.name} format={(name) => name.replace(/^NVIDIA /, '')} />
          {gpu.migDevices.length === 0 ? null : (
            <span className="ml-1.5 rounded-sm bg-raised px-1 text-xs text-muted">
              MIG {gpu.migDevices.length}
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      card: 'state',
      sort: ({ host, gpu }) => `${gpu.state === 'ok' ? 1 : 0} ${host.state === 'ok' ? 1 : 0} ${host.state}`,
      cell: ({ host, gpu }) =>
        gpu.state === 'ok' ? (
          <HostStateBadge state={host.state === 'gpu-lost' ? 'ok' : host.state} reason={host.stateReason} />
        ) : (
          <GpuStateBadge state={gpu.state} reason={host.stateReason} />
        ),
    },
    {
      id: 'age',
      header: 'Reported',
      sort: ({ host }) => (host.lastReportAt === null ? null : -Date.parse(host.lastReportAt)),
      cell: ({ host }) => (
        <Age at={host.lastReportAt} serverTime={serverTime} staleAfterSeconds={host.intervalSeconds * 1.5} />
      ),
    },
    ...figureColumns,
  ];
}

const ratioOf = (part: number | null, whole: number | null) =>
  part === null || !whole ? null : part / whole;

const figureColumns: readonly Column<Row>[] = [
  {
    id: 'utilization',
    header: 'Utilization',
    card: 'labelled',
    align: 'right',
    sort: ({ gpu }) => gpu.utilizationRatio,
    cell: (row) => (
      <span className="inline-flex items-center justify-end gap-2">
        <RatioBar ratio={row.gpu.utilizationRatio} className="w-16 max-xl:hidden" />
        <span className="inline-block w-14">
          <Value value={row.gpu.utilizationRatio} format={formatPercent} {...why(row)} />
        </span>
      </span>
    ),
  },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    sort: ({ gpu }) => ratioOf(gpu.memoryUsedBytes, gpu.memoryTotalBytes),
    cell: (row) => (
      <Value
        value={row.gpu.memoryUsedBytes}
        format={(used) => formatBytesOf(used, row.gpu.memoryTotalBytes ?? used)}
        {...why(row)}
      />
    ),
  },
  {
    id: 'temperature',
    header: 'Temp.',
    align: 'right',
    sort: ({ gpu }) => gpu.temperatureCelsius,
    cell: (row) => <Value value={row.gpu.temperatureCelsius} format={formatCelsius} {...why(row)} />,
  },
  {
    id: 'power',
    header: 'Power',
    align: 'right',
    sort: ({ gpu }) => gpu.powerWatts,
    cell: (row) => <Value value={row.gpu.powerWatts} format={formatWatts} {...why(row)} />,
  },
  {
    id: 'processes',
    header: 'Processes',
    align: 'right',
    sort: ({ gpu }) => gpu.processCount,
    cell: ({ gpu }) => gpu.processCount,
  },
];

const groupings = ['none', 'host', 'model', 'group'] as const;
const groupingWords = { none: 'nothing', host: 'host', model: 'model', group: 'group' } as const;

function groupName({ host, gpu }: Row, by: (typeof groupings)[number]): string {
  if (by === 'host') return host.hostname;
  if (by === 'model') return gpu.name ?? 'unknown model';
  return by === 'group' ? host.group : '';
}

function matches({ host, gpu }: Row, words: readonly string[]): boolean {
  const text = [host.hostname, host.group, host.state, gpu.state, gpu.name, gpu.uuid].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

const rowId = ({ gpu }: Row) => gpu.uuid;
const isDimmed = ({ host }: Row) => host.state === 'gone';

/** The GPUs page, live. */
export function GpusView({ initial, serverTime }: { initial: readonly HostSummary[]; serverTime: string }) {
  const hosts = useFleetHosts(initial);
  const [filter, setFilter] = useUrlText('q');
  const [by, setBy] = useUrlChoice('group', groupings);
  const columns = useMemo(() => columnsFor(serverTime), [serverTime]);
  const all = useMemo(() => hosts.flatMap((host) => host.gpus.map((gpu) => ({ host, gpu }))), [hosts]);
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase().split(/\s+/);
    return all.filter((row) => matches(row, words));
  }, [all, filter]);
  const groupOf = useCallback((row: Row) => groupName(row, by), [by]);
  return (
    <>
      <PageTitle
        aside={rows.length === all.length ? plural(all.length, 'GPU') : `${rows.length} of ${all.length}`}
      >
        GPUs
      </PageTitle>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox label="Filter: host, model, uuid, state" value={filter} onChange={setFilter} />
        <Choice
          label="Group by"
          value={by}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          onChange={setBy}
        />
      </div>
      <Panel>
        <DataTable
          caption="GPUs"
          columns={columns}
          rows={rows}
          rowId={rowId}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isDimmed}
          empty={
            filter === '' ? (
              <Empty title="No GPU is known yet">
                <Link href="/hosts/add" className="text-accent underline">
                  Add a host
                </Link>{' '}
                with a single command.
              </Empty>
            ) : (
              <Empty title="No GPU matches the filter">
                Every word must be in its host, model, uuid or state.
              </Empty>
            )
          }
        />
      </Panel>
    </>
  );
}
