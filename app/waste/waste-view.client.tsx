'use client';
import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import {
  type WasteGrouping,
  type WasteReport,
  type WasteRow,
  wasteGroupings,
} from '../../lib/model/index.ts';
import { Choice, FilterBox, Segments } from '../components/choice.client.tsx';
import { DataTable, tableCsv, useShownRows } from '../components/data-table.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { HostFilterBar, useHostFilter } from '../components/host-filter.client.tsx';
import { useHostTags } from '../components/host-tags.client.ts';
import type { HostTags } from '../components/host-tags.ts';
import { Meter } from '../components/meter.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlText } from '../components/url-state.client.ts';
import { apiPath } from '../export/curl.ts';
import { formatAmount, formatHours, formatJoules, formatPercent, missing, plural } from '../format/index.ts';
import { useWaste } from './use-waste.client.ts';
import { monthChoices, readWasteAsked } from './waste-asked.ts';
import { idleRatio, timeParts, wasteColumns } from './waste-columns.tsx';

const groupingWords = {
  owner: 'Container',
  person: 'User',
  group: 'Group',
  image: 'Image',
  namespace: 'Namespace',
  host: 'Host',
} as const;

const idleChoices = [60, 300, 900, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600] as const;

const durationWords = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;

function Figure({ label, value, hint }: { label: string; value: string; hint: string | undefined }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted">{label}</dt>
      <dd>
        <span className="text-base font-semibold">{value}</span>
        <span className="block text-xs text-muted">{hint}</span>
      </dd>
    </div>
  );
}

/** The whole month, each number with what it is. */
function Totals({ report }: { report: WasteReport }) {
  const { total, definitions, prices } = report;
  const ratio = idleRatio(total);
  const { energyJoules, cost, idleCost } = total;
  const amount = (value: number) => formatAmount(value, prices.currency);
  return (
    <Panel className="mb-4" title={report.isOver ? report.month : `${report.month} so far`}>
      <div className="px-4 pt-3">
        <Meter parts={timeParts(total)} className="h-2.5" />
        <p className="pt-1 text-xs text-muted">
          Used is solid, idle is pale, not told is hatched; the rest is time without work in shorter spells.
        </p>
      </div>
      <dl className="grid gap-x-8 gap-y-4 p-4 sm:grid-cols-2 lg:grid-cols-3" data-testid="waste-totals">
        <Figure label="Occupied" value={formatHours(total.occupiedSeconds)} hint={definitions['occupied']} />
        <Figure label="Used" value={formatHours(total.usedSeconds)} hint={definitions['used']} />
        <Figure
          label={`Idle for ${durationWords(report.idleAfterSeconds)} or longer`}
          value={`${formatHours(total.idleSeconds)}${ratio === null ? '' : ` (${formatPercent(ratio)})`}`}
          hint={definitions['idle']}
        />
        <Figure label="Granted" value={formatHours(total.grantedSeconds)} hint={definitions['granted']} />
        <Figure label="Not told" value={formatHours(total.untoldSeconds)} hint={definitions['untold']} />
        <Figure
          label="Energy"
          value={energyJoules === null ? missing : formatJoules(energyJoules)}
          hint={definitions['energy']}
        />
        {cost === null ? null : <Figure label="Cost" value={amount(cost)} hint={definitions['cost']} />}
        {idleCost === null ? null : (
          <Figure label="Cost of idle" value={amount(idleCost)} hint={definitions['idleCost']} />
        )}
      </dl>
      <p className="border-t border-line px-4 py-2 text-xs text-muted">{definitions['readings']}</p>
    </Panel>
  );
}

const rowId = ({ name, owner }: WasteRow): string =>
  owner === null ? `=${name ?? ''}` : `${owner.hostId} ${owner.key}`;

function textOf({ name, owner }: WasteRow): string {
  const words = [
    name,
    owner?.key,
    owner?.person,
    owner?.image,
    owner?.hostname,
    owner?.namespace,
    owner?.group,
  ];
  return words.join('\n').toLowerCase();
}

interface WasteViewProps {
  readonly initial: WasteReport;
  readonly hosts: readonly HostTags[];
  readonly serverTime: string;
}

/** The Waste page: what the GPUs' time of a month went to. */
export function WasteView({ initial, hosts: firstHosts, serverTime }: WasteViewProps) {
  const hosts = useHostTags(firstHosts);
  const chosen = useHostFilter();
  const params = useSearchParams();
  const asked = readWasteAsked((name) => params.get(name));
  const [filter, setFilter] = useUrlText('q');
  const query = {
    month: asked.month ?? '',
    by: asked.by ?? '',
    idle: asked.idleAfterSeconds === null ? '' : String(asked.idleAfterSeconds),
    group: chosen.group,
    label: chosen.label,
  };
  const path = apiPath('/api/v1/waste', query);
  const { report, isLoading, problem } = useWaste(initial, path.split('?')[1] ?? '');
  const columns = useMemo(() => wasteColumns(report), [report]);
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return report.rows.filter((row) => words.every((word) => textOf(row).includes(word)));
  }, [report, filter]);
  const shownRows = useShownRows<WasteRow>();
  const rowsBy = {
    value: report.by,
    choices: wasteGroupings.map((grouping) => [grouping, groupingWords[grouping]] as const),
    onChange: (by: WasteGrouping) => replaceInUrl({ by: by === 'owner' ? null : by, sort: null }),
  };
  const idles = [...new Set([...idleChoices, report.idleAfterSeconds])].sort((a, b) => a - b);
  return (
    <>
      <PageTitle aside={plural(report.rows.length, 'row')}>Waste</PageTitle>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
        <span className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2">
          <Choice
            label="Month"
            value={report.month}
            choices={monthChoices(serverTime, asked.month).map((month) => [month, month] as const)}
            onChange={(month) => replaceInUrl({ month })}
          />
          <Choice
            label="Idle after"
            value={String(report.idleAfterSeconds)}
            choices={idles.map((seconds) => [String(seconds), durationWords(seconds)] as const)}
            onChange={(idle) => replaceInUrl({ idle })}
          />
          <HostFilterBar hosts={hosts} chosen={chosen} />
        </span>
        <ExportMenu
          name={`waste ${report.month} by ${report.by}`}
          csv={() => tableCsv(columns, shownRows.current)}
          call={path}
        />
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-3 text-warn">
          The report could not be read: {problem} What is shown answers the question before.
        </p>
      )}
      <div aria-busy={isLoading} className={isLoading ? 'opacity-60' : undefined}>
        <Totals report={report} />
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
          <span className="max-sm:hidden">
            <Segments label="Rows by" {...rowsBy} />
          </span>
          <span className="sm:hidden">
            <Choice label="Rows by" {...rowsBy} />
          </span>
          <FilterBox label="Filter rows" value={filter} onChange={setFilter} />
        </div>
        <Panel>
          <DataTable
            caption={`Time on GPUs in ${report.month}`}
            columns={columns}
            rows={rows}
            rowId={rowId}
            shownRows={shownRows}
            empty={
              <Empty
                title={filter === '' ? `Nothing is kept of ${report.month}` : 'No row matches the filter'}
              >
                An account begins with the first reading in which someone uses a GPU or was given one, and is
                kept as long as one-hour rollups are.
              </Empty>
            }
          />
        </Panel>
      </div>
    </>
  );
}
