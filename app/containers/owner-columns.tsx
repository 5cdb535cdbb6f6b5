import type { OwnerRow } from '../../lib/model/index.ts';
import type { Column } from '../components/data-table.client.tsx';
import { PlainLink } from '../components/plain-link.client.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent } from '../format/index.ts';
import { OwnerCuda, OwnerGpus, OwnerName, OwnerState, PersonName } from './owner-cells.tsx';
import { ownerSorts } from './owner-sort.ts';

const clamped = (text: string) => (
  <span
    title={text}
    className="block truncate font-mono text-[13px] max-sm:whitespace-normal max-sm:break-all"
  >
    {text}
  </span>
);

const whyMissing = (gpus: OwnerRow['gpus'], what: string): string =>
  gpus.length === 0 ? 'none of its processes is on a GPU' : `the driver tells no ${what} for its processes`;

/** In percent; fixed, so that a scroll through thousands moves no column. */
const widths: Readonly<Record<string, number>> = {
  name: 17,
  person: 9,
  image: 20,
  cuda: 11,
  host: 10,
  gpus: 11,
  memory: 8,
  sm: 5,
  state: 9,
};

/** Columns of the Containers page. */
export const ownerColumns = (serverTime: string): readonly Column<OwnerRow>[] =>
  columnsFor(serverTime).map((column) => ({ ...column, widthPercent: widths[column.id] ?? 10 }));

function columnsFor(serverTime: string): readonly Column<OwnerRow>[] {
  return [
    {
      id: 'name',
      header: 'Container or owner',
      card: 'title',
      className: 'py-1.5 max-sm:block!',
      sort: ownerSorts.name,
      cell: (row) => <OwnerName row={row} />,
    },
    {
      id: 'person',
      header: 'User',
      card: 'labelled',
      sort: ownerSorts.person,
      cell: ({ person }) => <PersonName person={person} />,
    },
    {
      id: 'image',
      header: 'Image',
      card: 'labelled',
      sort: ownerSorts.image,
      cell: ({ image, isContainer }) => (
        <Value
          isBare
          value={image}
          format={clamped}
          reason={isContainer ? 'no container engine could be asked' : 'it is no container'}
        />
      ),
    },
    {
      id: 'cuda',
      header: 'CUDA',
      sort: ownerSorts.cuda,
      cell: (row) => <OwnerCuda row={row} />,
    },
    {
      id: 'host',
      header: 'Host',
      card: 'labelled',
      sort: ownerSorts.host,
      cell: ({ hostId, hostname }) => (
        <PlainLink href={`/hosts/${encodeURIComponent(hostId)}`} className="text-accent hover:underline">
          {hostname}
        </PlainLink>
      ),
    },
    {
      id: 'gpus',
      header: 'GPUs',
      card: 'labelled',
      sort: ownerSorts.gpus,
      cell: (row) => <OwnerGpus row={row} />,
    },
    {
      id: 'memory',
      header: 'GPU memory',
      align: 'right',
      card: 'labelled',
      className: 'whitespace-nowrap',
      sort: ownerSorts.memory,
      cell: ({ usedMemoryBytes, current, gpus }) => (
        <Value
          isBare
          value={usedMemoryBytes}
          current={current}
          format={formatBytes}
          reason={whyMissing(gpus, 'memory')}
        />
      ),
    },
    {
      id: 'sm',
      header: 'SM',
      align: 'right',
      card: 'labelled',
      className: 'whitespace-nowrap',
      sort: ownerSorts.sm,
      cell: ({ smRatio, current, gpus }) => (
        <Value
          isBare
          value={smRatio}
          current={current}
          format={formatPercent}
          reason={whyMissing(gpus, 'SM share')}
        />
      ),
    },
    {
      id: 'state',
      header: 'State',
      card: 'state',
      className: 'py-1.5 whitespace-nowrap max-sm:block! max-sm:text-right!',
      sort: ownerSorts.state,
      cell: (row) => <OwnerState row={row} serverTime={serverTime} />,
    },
  ];
}
