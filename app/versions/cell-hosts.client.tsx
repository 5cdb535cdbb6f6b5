'use client';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import {
  compareVersions,
  type FacetName,
  isAsExpected,
  nearestExpected,
  type VersionsCell,
  type VersionsHost,
  type VersionsView,
} from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { missing, plural } from '../format/index.ts';
import { facetTitles } from './facet-words.ts';

const mostAtFirst = 50;

function HostLink({ host }: { host: VersionsHost }) {
  return (
    <Link
      href={`/hosts/${encodeURIComponent(host.id)}?tab=stack`}
      prefetch={false}
      className="break-all font-medium hover:underline"
    >
      {host.hostname}
    </Link>
  );
}

const mono = (text: string) => <span className="break-all font-mono text-[13px]">{text}</span>;

/** The first of a long list, and the rest when asked for. */
function useFirst<T>(all: readonly T[]): readonly [readonly T[], ReactNode] {
  const [isAll, setAll] = useState(false);
  if (isAll || all.length <= mostAtFirst) return [all, null];
  return [
    all.slice(0, mostAtFirst),
    <button
      key="more"
      type="button"
      onClick={() => setAll(true)}
      className="mx-4 my-2 text-accent hover:underline"
    >
      Show all {all.length}
    </button>,
  ];
}

interface ListProps {
  readonly facet: FacetName;
  readonly hosts: readonly VersionsHost[];
  readonly serverTime: string;
}

function Differing({ facet, hosts, serverTime, expected }: ListProps & { expected: string | null }) {
  const [shown, more] = useFirst(hosts);
  return (
    <>
      <SimpleTable
        caption="Hosts that differ"
        columns={[
          { header: 'Host', card: 'title' },
          { header: 'Has', card: 'labelled' },
          { header: 'Since', card: 'state' },
          { header: 'Before', card: 'labelled' },
        ]}
        rows={shown.map((host) => {
          const { value, since, previous, note } = host.facets[facet];
          const order =
            value === null || expected === null
              ? null
              : compareVersions(value, nearestExpected(expected, value));
          return {
            key: host.id,
            cells: [
              <HostLink key="host" host={host} />,
              <span key="has">
                {mono(value ?? missing)}{' '}
                {order === null ? null : (
                  <span className="whitespace-nowrap text-xs text-muted">{order}</span>
                )}
                {note === null ? null : <span className="block text-xs text-warn">{note}</span>}
              </span>,
              <Age key="since" at={since} serverTime={serverTime} />,
              previous === null ? (
                <span key="before" className="text-muted">
                  as first seen
                </span>
              ) : (
                mono(previous)
              ),
            ],
          };
        })}
      />
      {more}
    </>
  );
}

/** Hosts without a value now, each with the reason. */
function Without({ facet, hosts, serverTime, caption }: ListProps & { caption: string }) {
  const [shown, more] = useFirst(hosts);
  return (
    <>
      <SimpleTable
        caption={caption}
        columns={[
          { header: 'Host', card: 'title' },
          { header: 'Why', card: 'labelled' },
          { header: 'Last told', card: 'labelled' },
        ]}
        rows={shown.map((host) => {
          const { value, toldAt, reason } = host.facets[facet];
          return {
            key: host.id,
            cells: [
              <HostLink key="host" host={host} />,
              <span key="why" className="text-muted">
                {reason}
              </span>,
              value === null ? (
                <span key="last" className="text-muted">
                  never
                </span>
              ) : (
                <span key="last" className="text-faint italic">
                  {mono(value)} <Age at={toldAt} serverTime={serverTime} />
                </span>
              ),
            ],
          };
        })}
      />
      {more}
    </>
  );
}

function Agreeing({ hosts, facet }: Omit<ListProps, 'serverTime'>) {
  const [shown, more] = useFirst(hosts);
  return (
    <>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 px-4 pb-2">
        {shown.map((host) => (
          <li key={host.id}>
            <HostLink host={host} />
            {host.facets[facet].note === null ? null : (
              <span className="ml-1.5 text-xs text-warn">{host.facets[facet].note}</span>
            )}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pb-1 pt-3 font-medium">{title}</h3>
      {children}
    </section>
  );
}

function csvColumns(facet: FacetName, expected: string | null): readonly CsvColumn<VersionsHost>[] {
  const of = (host: VersionsHost) => host.facets[facet];
  return [
    { header: 'Host', value: ({ hostname }) => hostname },
    { header: 'Host id', value: ({ id }) => id },
    { header: 'Group', value: ({ group }) => group },
    { header: facetTitles[facet], value: (host) => of(host).value },
    { header: 'Baseline', value: () => expected },
    { header: 'Since (UTC)', value: (host) => timeOf(of(host).since) },
    { header: 'Before', value: (host) => of(host).previous },
    { header: 'Last told (UTC)', value: (host) => timeOf(of(host).toldAt) },
    { header: 'Reports', value: ({ reporting }) => reporting },
    { header: 'Missing', value: (host) => of(host).missing },
  ];
}

/** Everyone of a cell: who differs, who tells nothing and why, who is silent, who agrees. */
export function CellHosts({
  facet,
  cell,
  view,
}: {
  facet: FacetName;
  cell: VersionsCell;
  view: VersionsView;
}) {
  const { serverTime } = view;
  const { baseline } = cell;
  const parts = Map.groupBy(view.hosts, (host) => {
    const { value, missing: lacks } = host.facets[facet];
    if (!host.reporting) return 'silent';
    if (lacks !== null) return lacks;
    return baseline !== null && value !== null && isAsExpected(baseline.value, value) ? 'agree' : 'differ';
  });
  const of = (name: 'differ' | 'agree' | 'absent' | 'unknown' | 'silent') => parts.get(name) ?? [];
  const common = { facet, serverTime };
  const group = view.groups[0]?.group ?? '';
  return (
    <>
      {of('differ').length === 0 ? null : (
        <Part
          title={baseline === null ? plural(of('differ').length, 'host') : `Differ (${of('differ').length})`}
        >
          <Differing {...common} hosts={of('differ')} expected={baseline?.value ?? null} />
        </Part>
      )}
      {of('unknown').length === 0 ? null : (
        <Part title={`Unknown: report, and do not tell it (${of('unknown').length})`}>
          <Without {...common} hosts={of('unknown')} caption="Hosts that do not tell it" />
        </Part>
      )}
      {of('absent').length === 0 ? null : (
        <Part title={`Without: it is not on the host (${of('absent').length})`}>
          <Without {...common} hosts={of('absent')} caption="Hosts without it" />
        </Part>
      )}
      {of('silent').length === 0 ? null : (
        <Part title={`Silent: do not report, values are old (${of('silent').length})`}>
          <Without {...common} hosts={of('silent')} caption="Hosts that do not report" />
        </Part>
      )}
      {of('agree').length === 0 ? null : (
        <Part title={`Agree (${of('agree').length})`}>
          <Agreeing facet={facet} hosts={of('agree')} />
        </Part>
      )}
      <div className="border-t border-line px-4 py-2">
        <ExportMenu
          isSmall
          name={`${group} ${facet}`}
          csv={() => toCsv(csvColumns(facet, baseline?.value ?? null), view.hosts)}
          call={apiPath('/api/v1/versions', { group, facet })}
          promql={[
            { label: 'Hosts that differ', expression: `gpufleet_host_drift{facet=${JSON.stringify(facet)}}` },
          ]}
        />
      </div>
    </>
  );
}
