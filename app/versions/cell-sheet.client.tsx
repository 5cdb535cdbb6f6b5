'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { facetAdvice } from '../../lib/drift/index.ts';
import type { FacetName, VersionsCell, VersionsGroup, VersionsView } from '../../lib/model/index.ts';
import { changesHref, markWords } from '../changes/change-words.ts';
import { useChanges } from '../changes/use-changes.client.ts';
import { Age } from '../components/age.client.tsx';
import { Layers, layerOf } from '../components/layers.tsx';
import { Empty } from '../components/page-parts.tsx';
import { Sheet } from '../components/sheet.client.tsx';
import { missing, plural } from '../format/index.ts';
import { BaselineActions } from './baseline-actions.client.tsx';
import { CellHosts } from './cell-hosts.client.tsx';
import { DriverSupport } from './driver-support.tsx';
import { facetSources, facetTitles, kindMeanings } from './facet-words.ts';
import { KindMark, restWords } from './matrix.client.tsx';

interface CellSheetProps {
  readonly facet: FacetName;
  readonly group: string;
  /** GET /api/v1/versions of the cell; null while it is read. */
  readonly view: VersionsView | null;
  readonly problem: string | null;
  readonly onClose: () => void;
  readonly onChange: () => void;
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-3">
      <h3 className="mb-1.5 font-medium">{title}</h3>
      {children}
    </section>
  );
}

function Counts({ cell }: { cell: VersionsCell }) {
  const parts = [
    ...(cell.baseline === null ? [`${plural(cell.told, 'host')} tell it`] : [`${cell.agree} agree`]),
    ...(cell.differ === 0 ? [] : [`${cell.differ} ${cell.differ === 1 ? 'differs' : 'differ'}`]),
    ...restWords(cell),
  ];
  return <p className="text-muted">{parts.join(' · ')}</p>;
}

function BaselineLine({ cell, serverTime }: { cell: VersionsCell; serverTime: string }) {
  const { baseline } = cell;
  if (baseline === null)
    return (
      <p>
        No baseline: fewer than 3 hosts tell it, or no version has over 60&nbsp;% of them, and nobody has set
        one.
      </p>
    );
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="break-all font-mono text-[15px]">{baseline.value}</span>
        <KindMark kind={baseline.kind} />
        <Age at={baseline.since} serverTime={serverTime} />
        {baseline.by === null ? null : <span className="text-muted">by {baseline.by}</span>}
      </p>
      <p className="text-xs text-muted">It was {kindMeanings[baseline.kind]}.</p>
    </>
  );
}

function CellLayers({ group, facet }: { group: VersionsGroup; facet: FacetName }) {
  const shownOf = (name: FacetName) => {
    const cell = group.cells.find((each) => each.facet === name);
    if (cell?.baseline != null) return cell.baseline.value;
    const [only, second] = cell?.values.filter(({ hosts }) => hosts > 0) ?? [];
    return second === undefined ? (only?.value ?? missing) : 'several';
  };
  const differ = group.cells.find((each) => each.facet === facet)?.differ ?? 0;
  const layer = layerOf(facet);
  const fault =
    differ === 0 || layer === null
      ? {}
      : { [layer]: `${plural(differ, 'host')} ${differ === 1 ? 'differs' : 'differ'}` };
  return (
    <Layers
      layers={{
        driver: `${shownOf('driver')}, CUDA ${shownOf('cuda')}`,
        toolkit: `${shownOf('toolkit')}, runtime ${shownOf('runtime')}`,
        container: 'each image brings its own',
      }}
      faults={fault}
    />
  );
}

function Body({ facet, group, view, onChange }: Omit<CellSheetProps, 'onClose' | 'problem'>) {
  const own = view?.groups.find((each) => each.group === group);
  const cell = own?.cells.find((each) => each.facet === facet);
  if (view === null) return <Empty title="Reading…" />;
  if (own === undefined || cell === undefined)
    return <Empty title={`There is no group ${group}`}>Its hosts left it, or the filter hides them.</Empty>;
  return (
    <>
      <div className="px-4 pb-3">
        <BaselineLine cell={cell} serverTime={view.serverTime} />
        <Counts cell={cell} />
        {facet === 'driver' ? <DriverSupport cell={cell} serverTime={view.serverTime} /> : null}
      </div>
      <div className="px-4 pb-3">
        <CellLayers group={own} facet={facet} />
      </div>
      <CellHosts facet={facet} cell={cell} view={view} />
      {cell.differ > 0 ? (
        <Section title="What to do">
          <ol className="ml-4 list-decimal space-y-1">
            {facetAdvice[facet].map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <p className="mt-1.5 text-muted">Is the other value the one meant? Then make it the baseline.</p>
        </Section>
      ) : null}
      <Began facet={facet} group={group} serverTime={view.serverTime} />
      <Section title="Baseline">
        <BaselineActions key={`${facet} ${group}`} where={{ group, facet }} cell={cell} onChange={onChange} />
      </Section>
    </>
  );
}

/** The changes that led here, the newest first; the newest few. */
function Began({ facet, group, serverTime }: { facet: FacetName; group: string; serverTime: string }) {
  const from = Math.floor(Date.parse(serverTime) / 86_400_000 - 30) * 86_400;
  const query = { facet, group };
  const path = `/api/v1/changes?${new URLSearchParams({ ...query, from: String(from) })}`;
  const { view } = useChanges(path, null, 15_000);
  const events = (view?.events ?? []).slice(0, 4);
  return (
    <Section title="What changed">
      {view === null ? (
        <p className="text-muted">Reading…</p>
      ) : events.length === 0 ? (
        <p className="text-muted">No change of it was seen in the last 30 days.</p>
      ) : (
        <ul className="space-y-1">
          {events.map((event) => (
            <li key={event.id}>
              <span className="break-all">{markWords(event)}</span> on{' '}
              {event.hosts.length === 1 ? event.hosts[0]?.hostname : plural(event.hosts.length, 'host')},{' '}
              <Age at={event.at} serverTime={serverTime} />
            </li>
          ))}
        </ul>
      )}
      <Link
        href={changesHref({ ...query, span: '30d' })}
        prefetch={false}
        className="mt-1 inline-block text-accent hover:underline"
      >
        Timeline
      </Link>
    </Section>
  );
}

/** Who differs in one facet of one group, from what, since when, and what to do. */
export function CellSheet(props: CellSheetProps) {
  const { facet, group, problem, onClose } = props;
  return (
    <Sheet
      title={`${facetTitles[facet]} in ${group}`}
      subtitle={facetSources[facet]}
      onClose={onClose}
      testId="cell-sheet"
    >
      {problem === null ? null : (
        <p role="alert" className="px-4 pb-2 text-warn">
          Could not be read: {problem}. It is asked for again by itself.
        </p>
      )}
      <Body {...props} />
    </Sheet>
  );
}
