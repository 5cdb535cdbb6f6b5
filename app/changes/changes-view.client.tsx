'use client';
import { useMemo } from 'react';
import {
  type ChangeEvent,
  type ChangesView,
  type FacetSection,
  facetNames,
  facetShapes,
  sectionTitles,
} from '../../lib/model/index.ts';
import { FilterBox, Segments } from '../components/choice.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { HostFilterBar, useHostFilter } from '../components/host-filter.client.tsx';
import { useHostTags } from '../components/host-tags.client.ts';
import type { HostTags } from '../components/host-tags.ts';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { useIsHydrated } from '../stream/hooks.client.ts';
import { facetTitles } from '../versions/facet-words.ts';
import { isFacet, spanNames, spans, spanWords } from './change-words.ts';
import { ChangeEventItem, countWords } from './event.client.tsx';
import { useChanges } from './use-changes.client.ts';

const sections: readonly FacetSection[] = ['driver', 'containers', 'gpus', 'system'];

interface CsvRow {
  readonly event: ChangeEvent;
  readonly change: ChangeEvent['changes'][number];
  readonly host: ChangeEvent['hosts'][number];
}
const columns: readonly CsvColumn<CsvRow>[] = [
  { header: 'Time (UTC)', value: ({ host }) => timeOf(host.at) },
  { header: 'Host', value: ({ host }) => host.hostname },
  { header: 'Host id', value: ({ host }) => host.id },
  { header: 'Group', value: ({ host }) => host.group },
  { header: 'Facet', value: ({ change }) => facetTitles[change.facet] },
  { header: 'From', value: ({ change }) => change.from },
  { header: 'To', value: ({ change }) => change.to },
  { header: 'Event', value: ({ event }) => event.id },
];

const rowsOf = (events: readonly ChangeEvent[]): readonly CsvRow[] =>
  events.flatMap((event) =>
    event.changes.flatMap((change) => event.hosts.map((host) => ({ event, change, host }))),
  );

/** Events by the day of their beginning, in the viewer's zone; the newest first. */
function byDay(
  events: readonly ChangeEvent[],
  isHydrated: boolean,
): readonly (readonly [string, ChangeEvent[]])[] {
  const dayOf = ({ at }: ChangeEvent): string =>
    new Date(at).toLocaleDateString('en', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      ...(isHydrated ? {} : { timeZone: 'UTC' }),
    });
  return [...Map.groupBy(events, dayOf)];
}

function FacetChoice({ value }: { value: string }) {
  return (
    <label className="inline-flex items-center gap-2 text-muted">
      facet
      <select
        value={isFacet(value) ? value : ''}
        onChange={({ target }) => replaceInUrl({ facet: target.value })}
        className="h-8 rounded-md border border-line bg-surface px-2 text-text"
      >
        <option value="">any</option>
        {sections.map((section) => (
          <optgroup key={section} label={sectionTitles[section]}>
            {facetNames
              .filter((facet) => facetShapes[facet].section === section)
              .map((facet) => (
                <option key={facet} value={facet}>
                  {facetTitles[facet]}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** The Changes page: what changed on which hosts and when, the newest first. */
export function ChangesPage({
  initial,
  hosts: firstHosts,
}: {
  initial: ChangesView;
  hosts: readonly HostTags[];
}) {
  const [q, setQ] = useUrlText('q');
  const [facet] = useUrlText('facet');
  const [host] = useUrlText('host');
  const [span, setSpan] = useUrlChoice('span', spanNames);
  const hosts = useHostTags(firstHosts);
  const chosen = useHostFilter();
  const isHydrated = useIsHydrated();
  // Of when the page was made, to the hour, so that the address stays the same from one asking to the next.
  const hour = Math.floor(Date.parse(initial.serverTime) / 3_600_000) * 3600;
  const query = new URLSearchParams({ from: String(hour - spans[span] * 86_400) });
  if (q.trim() !== '') query.set('q', q.trim());
  if (isFacet(facet)) query.set('facet', facet);
  if (host !== '') query.set('host', host);
  for (const group of chosen.group) query.append('group', group);
  for (const label of chosen.label) query.append('label', label);
  const path = `/api/v1/changes?${query}`;
  const { view, isOfBefore, problem } = useChanges(path, initial);
  const { events, changes, isCut } = view ?? initial;
  const days = useMemo(() => byDay(events, isHydrated), [events, isHydrated]);
  const only = events[0]?.hosts.find(({ id }) => id === host)?.hostname ?? 'one host';
  return (
    <>
      <PageTitle aside={countWords(events, changes)}>Changes</PageTitle>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <Segments
          label="Time"
          value={span}
          choices={(['24h', '7d', '30d', '400d'] as const).map((name) => [name, spanWords[name]] as const)}
          onChange={setSpan}
        />
        <FilterBox label="Filter: host, group, label" value={q} onChange={setQ} />
        <FacetChoice value={facet} />
        <HostFilterBar hosts={hosts} chosen={chosen} />
        {host === '' ? null : (
          <button
            type="button"
            onClick={() => replaceInUrl({ host: null })}
            className="h-8 rounded-md border border-line px-2.5 hover:bg-raised"
          >
            only {only}: show all hosts
          </button>
        )}
        <div className="sm:ml-auto">
          <ExportMenu name="changes" csv={() => toCsv(columns, rowsOf(events))} call={path} />
        </div>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          Changes could not be read: {problem}. What is shown is older; it is asked for again by itself.
        </p>
      )}
      <div className={isOfBefore ? 'opacity-60' : undefined}>
        {days.length === 0 ? (
          <Panel>
            <Empty title="Nothing changed">
              In this time no host that is asked for told another value than before. What a host tells for the
              first time is no change.
            </Empty>
          </Panel>
        ) : (
          days.map(([day, ofDay]) => (
            <section key={day} className="pb-4">
              <h2 className="px-1 pb-1.5 text-muted">{day}</h2>
              <Panel>
                <ol>
                  {ofDay.map((event) => (
                    <ChangeEventItem key={event.id} event={event} />
                  ))}
                </ol>
              </Panel>
            </section>
          ))
        )}
      </div>
      {isCut ? (
        <p className="px-1 text-muted">
          There are more in this time than are read at once: choose a shorter time, a facet or a group.
        </p>
      ) : null}
    </>
  );
}
