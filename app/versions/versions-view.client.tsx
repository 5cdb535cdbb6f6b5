'use client';
import { History } from 'lucide-react';
import Link from 'next/link';
import { useMemo } from 'react';
import type { VersionsGroup, VersionsView } from '../../lib/model/index.ts';
import { FilterBox } from '../components/choice.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { HostFilterBar, useHostFilter } from '../components/host-filter.client.tsx';
import { useHostTags } from '../components/host-tags.client.ts';
import type { HostTags } from '../components/host-tags.ts';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { plural } from '../format/index.ts';
import { CellSheet } from './cell-sheet.client.tsx';
import { facetTitles, readCell } from './facet-words.ts';
import { FleetFileLink } from './fleet-file-link.client.tsx';
import { Issues } from './issues.client.tsx';
import { KindMark, Matrix } from './matrix.client.tsx';
import { useVersions } from './use-versions.client.ts';

interface VersionsPageProps {
  readonly initial: VersionsView;
  /** Of the cell in the address. */
  readonly initialCell: VersionsView | null;
  readonly hosts: readonly HostTags[];
}

const path = '/api/v1/versions';
interface Asked {
  readonly q: string;
  readonly group: readonly string[];
  readonly label: readonly string[];
}

/** What is asked for, by the page's own filters. */
function pathOf({ q, group, label }: Asked, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(more);
  if (q.trim() !== '') query.set('q', q.trim());
  for (const each of group) query.append('group', each);
  for (const each of label) query.append('label', each);
  return query.size === 0 ? path : `${path}?${query}`;
}

const differences = ({ cells }: VersionsGroup): number => cells.reduce((sum, cell) => sum + cell.differ, 0);

type CsvRow = VersionsGroup['cells'][number] & { readonly group: string };
const columns: readonly CsvColumn<CsvRow>[] = [
  { header: 'Group', value: ({ group }) => group },
  { header: 'Facet', value: ({ facet }) => facetTitles[facet] },
  { header: 'Baseline', value: ({ baseline }) => baseline?.value },
  { header: 'Kind', value: ({ baseline }) => baseline?.kind },
  { header: 'Baseline since (UTC)', value: ({ baseline }) => timeOf(baseline?.since ?? null) },
  { header: 'Agree', value: ({ baseline, agree }) => (baseline === null ? null : agree) },
  { header: 'Differ', value: ({ baseline, differ }) => (baseline === null ? null : differ) },
  { header: 'Without', value: ({ absent }) => absent },
  { header: 'Unknown', value: ({ unknown }) => unknown },
  { header: 'Silent', value: ({ silent }) => silent },
  {
    header: 'Versions',
    value: ({ values }) => values.map(({ value, hosts }) => `${value} (${hosts})`).join('; '),
  },
];

interface OpenProps {
  readonly text: string;
  readonly asked: Asked;
  readonly initial: VersionsView | null;
  readonly onChange: () => void;
}

function Open({ text, asked, initial, onChange }: OpenProps) {
  const cell = readCell(text);
  const cellPath = cell === null ? null : pathOf({ ...asked, group: [cell.group] }, { facet: cell.facet });
  const { view, isOfBefore, problem, reload } = useVersions(cellPath, initial);
  if (cell === null) return null;
  return (
    <CellSheet
      {...cell}
      view={isOfBefore ? null : view}
      problem={problem}
      onClose={() => replaceInUrl({ cell: null })}
      onChange={() => {
        reload();
        onChange();
      }}
    />
  );
}

function Legend() {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 px-1 pt-2 text-xs text-muted">
      <span>Baselines:</span>
      {(['declared', 'accepted', 'inferred'] as const).map((kind) => (
        <KindMark key={kind} kind={kind} />
      ))}
      <span>without: not on the host</span>
      <span>unknown: not told</span>
      <span>silent: the host does not report</span>
    </p>
  );
}

/** The Versions page. */
export function VersionsPage({ initial, initialCell, hosts: firstHosts }: VersionsPageProps) {
  const [q, setQ] = useUrlText('q');
  const [only, setOnly] = useUrlChoice('only', ['all', 'drift']);
  const [cell] = useUrlText('cell');
  const hosts = useHostTags(firstHosts);
  const chosen = useHostFilter();
  const asked = { q, group: chosen.group, label: chosen.label };
  const { view, problem, reload } = useVersions(pathOf(asked, { hosts: 'none' }), initial);
  const all = view?.groups ?? initial.groups;
  const groups = useMemo(
    () => (only === 'drift' ? all.filter((group) => differences(group) > 0) : all),
    [all, only],
  );
  const shownHosts = all.reduce((sum, group) => sum + group.hosts, 0);
  const count = all.reduce((sum, group) => sum + differences(group), 0);
  return (
    <>
      <PageTitle
        aside={`${plural(shownHosts, 'host')} · ${plural(all.length, 'group')} · ${count === 0 ? 'nothing differs' : plural(count, 'difference')}`}
      >
        Versions
      </PageTitle>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox label="Filter: host, group, version, label" value={q} onChange={setQ} />
        <HostFilterBar hosts={hosts} chosen={chosen} />
        <label className="inline-flex h-8 items-center gap-1.5 text-muted">
          <input
            type="checkbox"
            checked={only === 'drift'}
            onChange={(event) => setOnly(event.target.checked ? 'drift' : 'all')}
            className="size-4 accent-accent"
          />
          only what differs
        </label>
        <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
          <Link
            href="/changes"
            prefetch={false}
            className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-2.5 hover:bg-raised"
          >
            <History className="size-3.5" aria-hidden />
            Changes
          </Link>
          <FleetFileLink />
          <ExportMenu
            name="versions"
            csv={() =>
              toCsv(
                columns,
                groups.flatMap(({ group, cells }) => cells.map((each) => ({ ...each, group }))),
              )
            }
            call={pathOf(asked)}
            promql={[
              { label: 'Hosts that differ', expression: 'gpufleet_host_drift' },
              { label: 'How many, by facet', expression: 'count by (facet) (gpufleet_host_drift)' },
              { label: 'Issues', expression: 'gpufleet_host_stack_issue' },
            ]}
          />
        </div>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          Versions could not be read: {problem}. What is shown is older; it is asked for again by itself.
        </p>
      )}
      <Issues issues={(view ?? initial).issues} serverTime={(view ?? initial).serverTime} />
      <Panel>
        {groups.length > 0 ? (
          <Matrix groups={groups} open={cell} onlyDiffering={only === 'drift'} />
        ) : (
          <Empty
            title={all.length === 0 && q === '' && !chosen.isActive ? 'No host yet' : 'No group matches'}
          >
            {only === 'drift' && all.length > 0
              ? 'No group has a host that differs from its baseline.'
              : 'A host shows up here with its first report.'}
          </Empty>
        )}
      </Panel>
      {groups.length > 0 ? <Legend /> : null}
      <Open text={cell} asked={asked} initial={initialCell} onChange={reload} />
    </>
  );
}
