'use client';
import Link from 'next/link';
import { useCallback, useMemo } from 'react';
import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { FilterBox } from '../components/choice.client.tsx';
import { type Column, DataTable, tableCsv, useShownRows } from '../components/data-table.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import {
  GroupChoice,
  HostFilterBar,
  useChosen,
  useHostFilter,
  useUrlGrouping,
} from '../components/host-filter.client.tsx';
import { groupingKey, type LabelGrouping, labelHeading, labelKeys } from '../components/host-filter.ts';
import { gpuStanding, standings } from '../components/host-standing.ts';
import { GpuStateBadge, HostStateBadge } from '../components/host-state.tsx';
import { HowToAdd } from '../components/how-to-add.client.tsx';
import { RatioBar } from '../components/meter.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlText } from '../components/url-state.client.ts';
import { Value } from '../components/value.tsx';
import { timeOf } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { gpuTableExpressions } from '../export/promql.ts';
import { gpuRowId } from '../fleet/gpu-row-id.ts';
import { whyMissing, whyUnusual } from '../fleet/oddities.ts';
import { Oddities } from '../fleet/oddity-lines.tsx';
import { formatBytesOf, formatCelsius, formatPercent, formatWatts, plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';

interface Row {
  readonly host: HostSummary;
  readonly gpu: GpuSummary;
}

/** Reason as a prop, or none. */
function why(row: Row): { readonly reason?: string } {
  const reason = whyMissing(row.host, row.gpu);
  return reason === null ? {} : { reason };
}

/** Its host goes on reporting, which says nothing of a GPU that gives no values. */
const lostSince = (host: HostSummary, gpu: GpuSummary): string =>
  gpu.faults.find(({ key }) => key === `gpu-${gpu.state}`)?.since ?? host.stateSince;

function columnsFor(serverTime: string): readonly Column<Row>[] {
  return [
    {
      id: 'gpu',
      header: 'GPU',
      card: 'title',
      sort: ({ host, gpu }) => `${host.hostname} ${gpu.index ?? 999}`,
      csv: [
        { header: 'Host', value: ({ host }) => host.hostname },
        { header: 'GPU', value: ({ gpu }) => gpu.index },
        { header: 'UUID', value: ({ gpu }) => gpu.uuid },
      ],
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
      csv: [
        { header: 'State', value: ({ gpu }) => gpu.state },
        { header: 'State of the host', value: ({ host }) => host.state },
        { header: 'Why', value: ({ host, gpu }) => whyUnusual(host, gpu) },
      ],
      sort: ({ host, gpu }) => (gpu.state === 'ok' ? 1 + standings.indexOf(gpuStanding(host, gpu)) : 0),
      cell: ({ host, gpu }) => (
        <span className="block min-w-0 py-1">
          {gpu.state === 'ok' ? (
            <HostStateBadge
              state={gpuStanding(host, gpu)}
              reason={whyUnusual(host, gpu) ?? host.stateReason}
            />
          ) : (
            <GpuStateBadge state={gpu.state} reason={whyUnusual(host, gpu)} />
          )}
          <Oddities gpu={gpu} className="max-w-72" />
        </span>
      ),
    },
    {
      id: 'age',
      header: 'Reported',
      sort: ({ host }) => (host.lastReportAt === null ? null : -Date.parse(host.lastReportAt)),
      csv: [{ header: 'Reported (UTC)', value: ({ host }) => timeOf(host.lastReportAt) }],
      cell: ({ host, gpu }) =>
        gpu.state === 'ok' ? (
          <Age
            at={host.lastReportAt}
            serverTime={serverTime}
            staleAfterSeconds={host.intervalSeconds * 1.5}
          />
        ) : (
          <Age at={lostSince(host, gpu)} serverTime={serverTime} prefix={`${gpu.state} since`} />
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
    csv: [{ header: 'Utilization (ratio)', value: ({ gpu }) => gpu.utilizationRatio }],
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
    csv: [
      { header: 'Memory used (bytes)', value: ({ gpu }) => gpu.memoryUsedBytes },
      { header: 'Memory total (bytes)', value: ({ gpu }) => gpu.memoryTotalBytes },
    ],
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
    csv: [{ header: 'Temperature (celsius)', value: ({ gpu }) => gpu.temperatureCelsius }],
    cell: (row) => <Value value={row.gpu.temperatureCelsius} format={formatCelsius} {...why(row)} />,
  },
  {
    id: 'power',
    header: 'Power',
    align: 'right',
    sort: ({ gpu }) => gpu.powerWatts,
    csv: [{ header: 'Power (watts)', value: ({ gpu }) => gpu.powerWatts }],
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

type Grouping = (typeof groupings)[number] | LabelGrouping;

function groupName({ host, gpu }: Row, by: Grouping): string {
  const key = groupingKey(by);
  if (key !== null) return labelHeading(host, key);
  if (by === 'host') return host.hostname;
  if (by === 'model') return gpu.name ?? 'unknown model';
  return by === 'group' ? host.group : '';
}

function matches({ host, gpu }: Row, words: readonly string[]): boolean {
  const text = `${gpu.state} ${gpu.name} ${gpu.uuid}`.toLowerCase();
  return words.every((word) => text.includes(word) || hostWords(host).includes(word));
}

const hostTexts = new WeakMap<HostSummary, string>();

/** Of the host without its other GPUs, made once for each state of it. */
function hostWords(host: HostSummary): string {
  const known = hostTexts.get(host);
  if (known !== undefined) return known;
  const labels = host.labels.map((label) => `${label.key}=${label.value}`);
  const text = [host.hostname, host.id, host.group, host.state, ...labels].join(' ').toLowerCase();
  hostTexts.set(host, text);
  return text;
}

const isDimmed = ({ host }: Row) => host.state === 'gone';

/** The GPUs page, live. */
export function GpusView({ initial, serverTime }: { initial: readonly HostSummary[]; serverTime: string }) {
  const hosts = useFleetHosts(initial);
  const [filter, setFilter] = useUrlText('q');
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const [by, setBy] = useUrlGrouping(groupings);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const columns = useMemo(() => columnsFor(serverTime), [serverTime]);
  const all = useMemo(() => wanted.flatMap((host) => host.gpus.map((gpu) => ({ host, gpu }))), [wanted]);
  const total = useMemo(() => hosts.reduce((sum, host) => sum + host.gpus.length, 0), [hosts]);
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase().split(/\s+/);
    return all.filter((row) => matches(row, words));
  }, [all, filter]);
  const groupOf = useCallback((row: Row) => groupName(row, by), [by]);
  const shownRows = useShownRows<Row>();
  const isFiltered = filter !== '' || chosen.isActive;
  const named = !isFiltered ? null : rows.slice(0, 100).map(({ gpu }) => gpu.uuid);
  return (
    <>
      <PageTitle aside={rows.length === total ? plural(total, 'GPU') : `${rows.length} of ${total}`}>
        GPUs
      </PageTitle>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox label="Filter: host, model, uuid, state" value={filter} onChange={setFilter} />
        <HostFilterBar hosts={hosts} chosen={chosen} />
        <GroupChoice
          value={by}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          keys={keys}
          onChange={setBy}
        />
        <span className="ml-auto">
          <ExportMenu
            name="gpus"
            csv={() => tableCsv(columns, shownRows.current)}
            call={apiPath('/api/v1/gpus', {
              q: filter.trim(),
              group: chosen.group,
              label: chosen.label,
              limit: 1000,
            })}
            promql={gpuTableExpressions(named)}
          />
        </span>
      </div>
      <Panel>
        <DataTable
          caption="GPUs"
          columns={columns}
          rows={rows}
          rowId={gpuRowId}
          shownRows={shownRows}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isDimmed}
          empty={
            !isFiltered ? (
              <Empty title="No GPU is known yet">
                <HowToAdd />
              </Empty>
            ) : (
              <Empty title="No GPU matches the filter">
                Every word must be in its host, labels, model, uuid or state, and its host must have the
                chosen groups and labels.
              </Empty>
            )
          }
        />
      </Panel>
    </>
  );
}
