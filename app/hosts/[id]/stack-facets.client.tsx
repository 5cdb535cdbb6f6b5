'use client';
import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { type FacetName, facetNames, type HostDetail, type VersionsView } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { Layers, layerOf } from '../../components/layers.tsx';
import { Skeleton } from '../../components/page-parts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { apiPath } from '../../export/curl.ts';
import { missing } from '../../format/index.ts';
import { cellKey, facetSources, facetTitles } from '../../versions/facet-words.ts';
import { KindMark } from '../../versions/matrix.client.tsx';
import { useVersions } from '../../versions/use-versions.client.ts';

const mono = (text: string) => <span className="break-all font-mono text-[13px]">{text}</span>;

const columns = [
  { header: 'Facet', card: 'title' },
  { header: 'Now', card: 'labelled' },
  { header: 'Baseline of its group', card: 'labelled' },
  { header: 'Since', card: 'labelled' },
  { header: 'Before', card: 'labelled' },
] as const;

function factsOf(view: VersionsView, hostId: string) {
  const host = view.hosts.find(({ id }) => id === hostId);
  if (host === undefined) return null;
  const group = view.groups.find((each) => each.group === host.group);
  const facets = facetNames.map((facet) => ({
    facet,
    group: host.group,
    told: host.facets[facet],
    baseline: group?.cells.find((cell) => cell.facet === facet)?.baseline ?? null,
    differs: view.drift.some((finding) => finding.hostId === hostId && finding.facet === facet),
  }));
  return { host, facets };
}

type FacetFacts = NonNullable<ReturnType<typeof factsOf>>['facets'][number];

function Now({ facts, serverTime }: { facts: FacetFacts; serverTime: string }) {
  const { value, missing: lacks, reason, toldAt, note } = facts.told;
  const words = lacks === 'absent' ? 'not on this host' : 'not told';
  return (
    <span>
      {value === null ? (
        <span className="text-muted">{words}</span>
      ) : toldAt === null ? (
        mono(value)
      ) : (
        <span className="text-faint italic">
          {mono(value)} <Age at={toldAt} serverTime={serverTime} prefix="last told" />
        </span>
      )}
      {facts.differs ? ' ' : ''}
      {facts.differs ? (
        <span className="ml-2 inline-flex items-baseline gap-1 whitespace-nowrap text-xs font-medium text-warn">
          <TriangleAlert className="size-3.5 translate-y-[0.15rem]" aria-hidden />
          differs
        </span>
      ) : null}
      {lacks === null ? null : <span className="block text-xs text-muted">{reason}</span>}
      {note === null ? null : <span className="block text-xs text-warn">{note}</span>}
    </span>
  );
}

function BaselineCell({ facts }: { facts: FacetFacts }) {
  const { baseline, facet, group } = facts;
  return (
    <Link
      href={`/versions?${new URLSearchParams({ cell: cellKey({ facet, group }) })}`}
      prefetch={false}
      className="inline-flex flex-wrap items-baseline gap-x-2 hover:underline"
    >
      {baseline === null ? <span className="text-muted">no baseline</span> : mono(baseline.value)}
      {baseline === null ? null : <KindMark kind={baseline.kind} />}
    </Link>
  );
}

/** What the host's containers stand on, and each facet of it against its group's baseline. */
export function StackFacets({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const { view, problem } = useVersions(apiPath('/api/v1/versions', { q: host.id }), null);
  const found = view === null ? null : factsOf(view, host.id);
  if (found === null)
    return (
      <div className="p-4">
        {problem === null ? (
          <Skeleton className="h-72" />
        ) : (
          <p role="alert" className="text-warn">
            Baselines could not be read: {problem}. They are asked for again by themselves.
          </p>
        )}
      </div>
    );
  const shownOf = (facet: FacetName) => found.host.facets[facet].value ?? missing;
  const faults = Object.fromEntries(
    found.facets.flatMap(({ differs, facet }) => {
      const layer = differs ? layerOf(facet) : null;
      return layer === null ? [] : [[layer, 'differs']];
    }),
  );
  const inside = [...new Set(host.containers.map(({ cudaVersion }) => cudaVersion ?? 'not told'))];
  return (
    <>
      <div className="p-4">
        <Layers
          layers={{
            driver: (
              <>
                {shownOf('driver')}
                <span className="block text-xs text-muted">CUDA up to {shownOf('cuda')}</span>
              </>
            ),
            toolkit: (
              <>
                {shownOf('toolkit')}
                <span className="block text-xs text-muted">runtime {shownOf('runtime')}</span>
              </>
            ),
            container: inside.length === 0 ? 'no container uses a GPU' : inside.join(', '),
          }}
          faults={faults}
        />
      </div>
      <SimpleTable
        caption={`Software of ${host.hostname} against the baselines of ${found.host.group}`}
        columns={columns}
        rows={found.facets.map((facts) => ({
          key: facts.facet,
          cells: [
            <span key="facet" title={facetSources[facts.facet]}>
              {facetTitles[facts.facet]}
            </span>,
            <Now key="now" facts={facts} serverTime={serverTime} />,
            <BaselineCell key="baseline" facts={facts} />,
            facts.told.since === null ? (
              <span key="since" className="text-faint" title="it was never told">
                {missing}
              </span>
            ) : (
              <Age key="since" at={facts.told.since} serverTime={serverTime} />
            ),
            facts.told.previous === null ? (
              <span key="before" className="text-muted">
                as first seen
              </span>
            ) : (
              mono(facts.told.previous)
            ),
          ],
        }))}
      />
    </>
  );
}
