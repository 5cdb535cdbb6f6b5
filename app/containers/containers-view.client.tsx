'use client';
import { useSearchParams } from 'next/navigation';
import { useCallback, useDeferredValue, useMemo } from 'react';
import { type Labelled, notTold, type OwnerRow, type Page } from '../../lib/model/index.ts';
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
import { ownerColumns } from './owner-columns.tsx';
import {
  type AskedFacts,
  factLabels,
  factOptions,
  matchesOwner,
  type OwnerFact,
  ownerFacts,
  readWords,
} from './owner-filter.ts';
import { kindWords } from './owner-words.ts';
import { OwnersExport } from './owners-export.client.tsx';
import { type Owners, ownersQuery, useOwners } from './use-owners.client.ts';

const groupings = ['none', 'host', 'group', 'person', 'image', 'kind', 'cuda'] as const;
const groupingWords = {
  none: 'nothing',
  host: 'host',
  group: 'group',
  person: 'user',
  image: 'image',
  kind: 'kind',
  cuda: 'CUDA',
} as const;
type Grouping = (typeof groupings)[number] | LabelGrouping;

function headingOf(row: OwnerRow, host: Labelled | undefined, by: Grouping): string {
  const key = groupingKey(by);
  if (key !== null) return host === undefined ? `no label ${key}` : labelHeading(host, key);
  switch (by) {
    case 'host':
      return row.hostname;
    case 'image':
      return row.image ?? 'no image';
    case 'person':
      return row.person?.name ?? 'user not known';
    case 'kind':
      return kindWords(row.runtime);
    case 'cuda':
      return row.cudaVersion === null ? 'CUDA not told' : `CUDA ${row.cudaVersion}`;
    case 'group':
      return row.group;
    default:
      return '';
  }
}

const rowId = (row: OwnerRow) => `${row.hostId} ${row.key}`;
const isDimmed = (row: OwnerRow) => !row.current;

function useFacts(): AskedFacts {
  const params = useSearchParams();
  const [runtime, image, person, namespace, host] = ownerFacts.map((fact) => params.get(fact) ?? '');
  return useMemo(
    () => ({
      runtime: runtime ?? '',
      image: image ?? '',
      person: person ?? '',
      namespace: namespace ?? '',
      host: host ?? '',
    }),
    [runtime, image, person, namespace, host],
  );
}

const optionWords = (fact: OwnerFact, value: string): string => {
  if (value === notTold) return 'not told';
  return fact === 'runtime' ? kindWords(value) : value;
};

function FactChoice({ fact, asked, rows }: { fact: OwnerFact; asked: string; rows: readonly OwnerRow[] }) {
  const options = useMemo(() => factOptions(rows, fact, asked), [rows, fact, asked]);
  return (
    <label className="inline-flex min-w-0 items-center gap-1.5 text-muted max-sm:w-full max-sm:justify-between">
      {factLabels[fact]}
      <select
        value={asked}
        onChange={(event) => replaceInUrl({ [fact]: event.target.value })}
        className="h-8 w-36 rounded-md border border-line bg-surface px-1.5 text-text max-sm:w-56"
      >
        <option value="">any</option>
        {options.map(({ value, owners }) => (
          <option key={value} value={value}>
            {optionWords(fact, value)} ({owners})
          </option>
        ))}
      </select>
    </label>
  );
}

function Notes({ owners }: { owners: Owners }) {
  const { rows, total, isWhole, problem } = owners;
  return (
    <>
      {problem === null ? null : (
        <p role="alert" className="pt-2 text-warn">
          What is shown is not of now: {problem}. It is asked for again by itself.
        </p>
      )}
      {isWhole || rows.length === 0 ? null : (
        <p className="pt-2 text-muted">
          The first {rows.length} of {total} are shown; choose groups or labels to see others.
        </p>
      )}
      <p className="max-w-prose pt-3 text-xs text-muted">
        SM is the share of time in which the processes ran on the GPU, added up as the driver tells it. GPU
        utilization is another measure over another window, so the two need not agree, and neither is scaled
        to the other.
      </p>
    </>
  );
}

interface ContainersViewProps {
  /** The first of them, in the order that the address asks for. */
  readonly initial: Page<OwnerRow>;
  readonly hosts: readonly HostTags[];
  readonly serverTime: string;
}

/** The Containers page: everyone who uses a GPU. */
export function ContainersView({ initial, hosts: firstHosts, serverTime }: ContainersViewProps) {
  const hosts = useHostTags(firstHosts);
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const [by, setBy] = useUrlGrouping(groupings);
  const [filter, setFilter] = useUrlText('q');
  const facts = useFacts();
  const { group, label } = chosen;
  const owners = useOwners(initial, ownersQuery({ group, label }).toString());
  const hostsById = useMemo(() => new Map(wanted.map((host) => [host.id, host])), [wanted]);
  // What was answered for another choice is not shown for this one.
  const rows = useMemo(
    () => (chosen.isActive ? owners.rows.filter(({ hostId }) => hostsById.has(hostId)) : owners.rows),
    [owners, hostsById, chosen.isActive],
  );
  const typed = useDeferredValue(filter);
  const shown = useMemo(() => {
    const asked = { words: readWords(typed), facts };
    return rows.filter((row) => matchesOwner(row, asked));
  }, [rows, typed, facts]);
  const columns = useMemo(() => ownerColumns(serverTime), [serverTime]);
  const groupOf = useCallback(
    (row: OwnerRow) => headingOf(row, hostsById.get(row.hostId), by),
    [by, hostsById],
  );
  const shownRows = useShownRows<OwnerRow>();
  const isFiltered = filter !== '' || ownerFacts.some((fact) => facts[fact] !== '');
  const isAll = !isFiltered && !chosen.isActive;
  const count = isFiltered
    ? `${shown.length} of ${rows.length}`
    : plural(owners.isWhole ? rows.length : owners.total, 'owner');
  return (
    <>
      <PageTitle aside={<span data-testid="owner-count">{count}</span>}>Containers</PageTitle>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-2">
        <span className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2">
          <FilterBox label="Filter: name, image, user, host" value={filter} onChange={setFilter} />
          <HostFilterBar hosts={hosts} chosen={chosen} />
          <GroupChoice
            value={by}
            choices={groupings.map((key) => [key, groupingWords[key]])}
            keys={keys}
            onChange={setBy}
          />
        </span>
        <OwnersExport
          shownRows={shownRows}
          rows={shown}
          query={{ q: filter.trim(), ...facts, group, label }}
          isAll={isAll}
        />
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        {ownerFacts.map((fact) => (
          <FactChoice key={fact} fact={fact} asked={facts[fact]} rows={rows} />
        ))}
      </div>
      <Panel>
        <DataTable
          caption="Who uses GPUs"
          columns={columns}
          rows={shown}
          rowId={rowId}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isDimmed}
          shownRows={shownRows}
          empty={
            <Empty title={isAll ? 'Nobody uses a GPU' : 'Nobody matches the filter'}>
              Containers, pods, jobs, units and users show up when one of their processes is on a GPU, and
              containers also when they were given one.
            </Empty>
          }
        />
      </Panel>
      <Notes owners={owners} />
    </>
  );
}
