'use client';
import { useCallback, useMemo, useState } from 'react';
import type { ClaimsView } from '../../lib/hub/operations/list-claims.ts';
import type { HostSummary } from '../../lib/model/index.ts';
import { Choice, FilterBox } from '../components/choice.client.tsx';
import { DataTable, tableCsv, useShownRows } from '../components/data-table.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import {
  GroupChoice,
  HostFilterBar,
  useChosen,
  useHostFilter,
  useUrlGrouping,
} from '../components/host-filter.client.tsx';
import { labelKeys } from '../components/host-filter.ts';
import { type HostStanding, standingOf, standings } from '../components/host-standing.ts';
import { standingLooks } from '../components/host-state.tsx';
import { HowToAdd } from '../components/how-to-add.client.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { apiPath } from '../export/curl.ts';
import { hostTableExpressions, metricHostNames } from '../export/promql.ts';
import { plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { BulkLabels } from './bulk-labels.client.tsx';
import { figuresOf, matchesHost } from './host-figures.ts';
import {
  columnsFor,
  groupings,
  groupingWords,
  groupName,
  type HostRow,
  tickColumn,
} from './hosts-columns.client.tsx';
import { Notices } from './notices.client.tsx';
import { PauseShown } from './pause.client.tsx';
import { useClaims } from './use-claims.client.ts';

interface HostsViewProps {
  readonly initial: readonly HostSummary[];
  readonly serverTime: string;
  /** Administrators edit labels, and decide who is which host. */
  readonly mayEdit: boolean;
  readonly claims: ClaimsView;
}

/** `unwell`: whatever a person should look at. */
const stateChoices = ['any', 'unwell', ...standings] as const;
type StateChoice = (typeof stateChoices)[number];

const stateWords = (choice: StateChoice): string =>
  choice === 'any' ? 'any' : choice === 'unwell' ? 'not well' : standingLooks[choice].word;

const wellStandings: ReadonlySet<HostStanding> = new Set(['ok', 'starting', 'paused']);

function hasState(host: HostSummary, wanted: StateChoice): boolean {
  if (wanted === 'any') return true;
  const standing = standingOf(host);
  return wanted === 'unwell' ? !wellStandings.has(standing) : standing === wanted;
}

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
  const [state, setState] = useUrlChoice('state', stateChoices);
  const rows = useMemo(
    () =>
      wanted
        .filter((host) => matchesHost(host, filter) && hasState(host, state))
        .map((host) => ({ host, figures: figuresOf(host) })),
    [wanted, filter, state],
  );
  const groupOf = useCallback((row: HostRow) => groupName(row, by), [by]);
  const shownRows = useShownRows<HostRow>();
  const names = metricHostNames(hosts);
  const isFiltered = filter !== '' || chosen.isActive || state !== 'any';
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
        <StateChoiceBox value={state} onChange={setState} />
        <GroupChoice
          value={by}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          keys={keys}
          onChange={setBy}
        />
        <span className="ml-auto flex gap-2">
          {mayEdit ? (
            <EditLabels
              isEditing={isEditing}
              toggle={() => {
                setTicked(nobody);
                setEdit(isEditing ? 'no' : 'labels');
              }}
            />
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
          firstSort="state"
          shownRows={shownRows}
          groupOf={by === 'none' ? null : groupOf}
          isDimmed={isGone}
          empty={<NoHosts filtered={isFiltered} />}
        />
      </Panel>
    </>
  );
}

function StateChoiceBox(props: { value: StateChoice; onChange: (value: StateChoice) => void }) {
  return <Choice label="State" choices={stateChoices.map((each) => [each, stateWords(each)])} {...props} />;
}

function EditLabels({ isEditing, toggle }: { isEditing: boolean; toggle: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isEditing}
      onClick={toggle}
      className="h-8 rounded-md border border-line bg-surface px-2.5 text-muted hover:bg-raised hover:text-text aria-pressed:bg-raised aria-pressed:text-text"
    >
      Edit labels
    </button>
  );
}

const rowId = ({ host }: HostRow) => host.id;
const isGone = ({ host }: HostRow) => host.state === 'gone';

function NoHosts({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty title="No host matches the filter">
      Every word must be in its name, GPU, driver, state or labels, and it must have the chosen state, groups
      and labels.
    </Empty>
  ) : (
    <Empty title="No host reports yet">
      <HowToAdd />
    </Empty>
  );
}
