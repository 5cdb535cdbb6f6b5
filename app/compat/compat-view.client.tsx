'use client';
import { useMemo } from 'react';
import { type CompatImageRow, type CompatView, runsAtAll, verdictKinds } from '../../lib/model/index.ts';
import { FilterBox } from '../components/choice.client.tsx';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { Empty, PageTitle, Panel } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlChoice, useUrlText } from '../components/url-state.client.ts';
import { type CsvColumn, toCsv } from '../export/csv.ts';
import { plural } from '../format/index.ts';
import { Ask } from './ask.client.tsx';
import { CompatSheet } from './cell-sheet.client.tsx';
import { FailedContainers } from './failed.client.tsx';
import { addressOf, Matrix } from './matrix.client.tsx';
import { Plan } from './plan.client.tsx';
import { ThreeLayers } from './three-layers.tsx';
import { usePolled } from './use-answer.client.ts';
import { VerdictMark } from './verdict-mark.tsx';
import { verdictWords } from './words.ts';

type CsvRow = CompatImageRow & CompatImageRow['cells'][number];
const columns: readonly CsvColumn<CsvRow>[] = [
  { header: 'Image', value: ({ reference }) => reference },
  { header: 'Image id', value: ({ imageId }) => imageId },
  { header: 'CUDA', value: ({ cuda }) => cuda },
  { header: 'CUDA from', value: ({ cudaFrom }) => cudaFrom },
  { header: 'Group', value: ({ group }) => group },
  { header: 'Verdict', value: ({ verdict }) => (verdict === null ? null : verdictWords[verdict]) },
  { header: 'By', value: ({ way }) => way },
  { header: 'Containers', value: ({ containers }) => containers },
];

const isUnusual = ({ cells }: CompatImageRow): boolean =>
  cells.some(({ verdict }) => verdict !== null && !runsAtAll({ verdict }));

function matches(row: CompatImageRow, words: readonly string[]): boolean {
  const text = [row.reference, row.imageId, row.cuda].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function Legend() {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 px-1 pt-2 text-xs">
      {verdictKinds.map((verdict) => (
        <VerdictMark key={verdict} verdict={verdict} />
      ))}
    </p>
  );
}

const path = '/api/v1/compat';

/** The Compatibility page. */
export function CompatPage({ initial }: { initial: CompatView }) {
  const [q, setQ] = useUrlText('q');
  const [only, setOnly] = useUrlChoice('only', ['all', 'unusual']);
  const [image] = useUrlText('image');
  const [group] = useUrlText('cell');
  const { value, problem } = usePolled<CompatView>(path, initial);
  const view = value ?? initial;
  const shown = useMemo(() => {
    const words = q.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return view.images.filter((row) => matches(row, words) && (only === 'all' || isUnusual(row)));
  }, [view, q, only]);
  const opened = view.images.find((row) => addressOf(row, view.images) === image);
  const containers = view.containers.filter(
    (each) => each.group === group && each.image === (opened?.reference ?? image),
  );
  return (
    <>
      <PageTitle
        aside={`${plural(view.images.length, 'image')} · ${plural(view.groups.length, 'group')} · NVIDIA's tables as of ${view.dataAsOf}`}
      >
        Compatibility
      </PageTitle>
      <ThreeLayers isOpen={view.images.length === 0} />
      <Ask images={[...new Set(view.images.map(({ reference }) => reference))]} />
      <FailedContainers
        containers={view.containers.filter(({ exit }) => exit !== null)}
        serverTime={view.serverTime}
      />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox label="Filter: image, CUDA" value={q} onChange={setQ} />
        <label className="inline-flex h-8 items-center gap-1.5 text-muted">
          <input
            type="checkbox"
            checked={only === 'unusual'}
            onChange={(event) => setOnly(event.target.checked ? 'unusual' : 'all')}
            className="size-4 accent-accent"
          />
          only images that do not run somewhere
        </label>
        <div className="sm:ml-auto">
          <ExportMenu
            name="compatibility"
            csv={() =>
              toCsv(
                columns,
                shown.flatMap((row) => row.cells.map((cell) => ({ ...row, ...cell }))),
              )
            }
            call={path}
            promql={[
              { label: 'Containers that cannot use CUDA', expression: 'gpufleet_container_compatible == 0' },
              {
                label: 'Containers by verdict',
                expression: 'count by (verdict) (gpufleet_container_compatible)',
              },
            ]}
          />
        </div>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          Verdicts could not be read: {problem}. What is shown is older; it is asked for again by itself.
        </p>
      )}
      <Panel>
        {shown.length > 0 ? (
          <Matrix groups={view.groups} images={shown} open={{ image, group }} />
        ) : (
          <Empty title={view.images.length === 0 ? 'No image is known yet' : 'No image matches'}>
            An image shows up here when a container of it uses a GPU, or failed to start, and the agent may
            ask the container engine. Any other can be asked about above.
          </Empty>
        )}
      </Panel>
      {shown.length > 0 ? <Legend /> : null}
      <Plan groups={view.groups} />
      {image === '' || group === '' ? null : (
        <CompatSheet
          image={image}
          group={group}
          about={view.groups.find((each) => each.group === group)}
          containers={containers}
          onClose={() => replaceInUrl({ image: null, cell: null })}
        />
      )}
    </>
  );
}
