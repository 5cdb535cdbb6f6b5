'use client';
import Link from 'next/link';
import { useCallback, useMemo, useState } from 'react';
import type { ClaimsView } from '../../lib/hub/operations/list-claims.ts';
import type { HostState, HostSummary } from '../../lib/model/index.ts';
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
import { HostStateBadge, hostLooks, MaintenanceBadge } from '../components/host-state.tsx';
import { HowToAdd } from '../components/how-to-add.client.tsx';
import { RatioBar } from '../components/meter.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { Value } from '../components/value.tsx';
import { timeOf } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { hostTableExpressions, metricHostNames } from '../export/promql.ts';
import { formatBytesOf, formatMeanPercent, formatWatts, plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { BulkLabels } from './bulk-labels.client.tsx';
import { figuresOf, type HostFigures, matchesHost } from './host-figures.ts';
import { Notices } from './notices.client.tsx';
import { PauseShown } from './pause.client.tsx';
import { useClaims } from './use-claims.client.ts';

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
      csv: [
        { header: 'State', value: ({ host }) => host.state },
        { header: 'State reason', value: ({ host }) => host.stateReason },
      ],
      cell: ({ host }) => (
        <span className="inline-flex flex-wrap gap-x-2">
          <HostStateBadge state={host.state} reason={host.stateReason} />
          <MaintenanceBadge maintenance={host.maintenance} />
        </span>
      ),
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

const figureColumns: readonly Column<Row>[] = [
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

const groupings = ['none', 'group', 'state', 'driver', 'cuda'] as const;
const groupingWords = {
  none: 'nothing',
  group: 'group',
  state: 'state',
  driver: 'driver',
  cuda: 'CUDA',
} as const;

type Grouping = (typeof groupings)[number] | LabelGrouping;

function groupName({ host }: Row, by: Grouping): string {
  const key = groupingKey(by);
  if (key !== null) return labelHeading(host, key);
  switch (by) {
    case 'group':
      return host.group;
    case 'state':
      return hostLooks[host.state].word;
    case 'driver':
      return host.driverVersion ?? 'driver unknown';
    case 'cuda':
      return host.cudaVersion === null ? 'CUDA unknown' : `CUDA ${host.cudaVersion}`;
    default:
      return '';
  }
}

interface HostsViewProps {
  readonly initial: readonly HostSummary[];
  readonly serverTime: string;
  /** Administrators edit labels, and decide who is which host. */
  readonly mayEdit: boolean;
  readonly claims: ClaimsView;
}

const tickColumn = (
  chosen: ReadonlySet<string>,
  choose: (ids: ReadonlySet<string>) => void,
): Column<Row> => ({
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

const nobody: ReadonlySet<string> = new Set();

/** The Hosts page, live. */
export function HostsView({ initial, serverTime, mayEdit, claims }: HostsViewProps) {
  const [view, refresh] = useClaims(claims);
  const hosts = useFleetHosts(initial);
  const [filter, setFilter] = useUrlText('q');
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const [by, setBy] = useUrlGrouping(groupings);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const [edit, setEdit] = useUrlChoice('edit', ['no', 'labels']);
  const isEditing = mayEdit && edit === 'labels';
  const [ticked, setTicked] = useState(nobody);
  const columns = useMemo(
    () => [...(isEditing ? [tickColumn(ticked, setTicked)] : []), ...columnsFor(serverTime)],
    [serverTime, isEditing, ticked],
  );
  const rows = useMemo(
    () =>
      wanted.filter((host) => matchesHost(host, filter)).map((host) => ({ host, figures: figuresOf(host) })),
    [wanted, filter],
  );
  const groupOf = useCallback((row: Row) => groupName(row, by), [by]);
  const shownRows = useShownRows<Row>();
  const names = metricHostNames(hosts);
  const isFiltered = filter !== '' || chosen.isActive;
  const named = !isFiltered ? null : rows.map(({ host }) => names.get(host.id) ?? host.hostname);
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
        <HostFilterBar hosts={hosts} chosen={chosen} />
        <GroupChoice
          value={by}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          keys={keys}
          onChange={setBy}
        />
        <span className="ml-auto flex gap-2">
          {mayEdit ? (
            <button
              type="button"
              aria-pressed={isEditing}
              onClick={() => {
                setTicked(nobody);
                setEdit(isEditing ? 'no' : 'labels');
              }}
              className="h-8 rounded-md border border-line bg-surface px-2.5 text-muted hover:bg-raised hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
            >
              Edit labels
            </button>
          ) : null}
          <PauseShown hosts={rows.map(({ host }) => host)} />
          <ExportMenu
            name="hosts"
            csv={() => tableCsv(columns, shownRows.current)}
            call={apiPath('/api/v1/hosts', {
              q: filter.trim(),
              group: chosen.group,
              label: chosen.label,
              limit: 1000,
            })}
            promql={hostTableExpressions(named)}
          />
        </span>
      </div>
      <Notices
        view={view}
        hostnameOf={(id) => hosts.find((host) => host.id === id)?.hostname ?? null}
        serverTime={serverTime}
        mayDecide={mayEdit}
        done={refresh}
      />
      {isEditing ? (
        <BulkLabels
          shown={rows.map(({ host }) => host)}
          chosen={ticked}
          choose={setTicked}
          knownKeys={['group', ...keys.filter((key) => key !== 'group')]}
        />
      ) : null}
      <Panel>
        <DataTable
          caption="Hosts"
          columns={columns}
          rows={rows}
          rowId={rowId}
          shownRows={shownRows}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isGone}
          empty={<NoHosts filtered={isFiltered} />}
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
      Every word must be in its name, GPU, driver, state or labels, and it must have the chosen groups and
      labels.
    </Empty>
  ) : (
    <Empty title="No host reports yet">
      <HowToAdd />
    </Empty>
  );
}
