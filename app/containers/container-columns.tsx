import Link from 'next/link';
import type { ContainerView } from '../../lib/model/index.ts';
import type { Column } from '../components/data-table.client.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent } from '../format/index.ts';
import {
  ContainerCuda,
  ContainerGpus,
  ContainerImage,
  ContainerName,
  ContainerState,
  sumKnown,
} from './container-cells.tsx';

const memoryOf = ({ gpus }: ContainerView) => sumKnown(gpus.map((use) => use.usedMemoryBytes));
const smOf = ({ gpus }: ContainerView) => sumKnown(gpus.map((use) => use.smRatio));

/** Columns of the Containers page. */
export function containerColumns(serverTime: string): readonly Column<ContainerView>[] {
  return [
    {
      id: 'name',
      header: 'Container',
      card: 'title',
      className: 'py-1.5',
      sort: ({ name, id }) => name ?? id,
      cell: (container) => <ContainerName container={container} inPlace />,
    },
    {
      id: 'image',
      header: 'Image',
      card: 'labelled',
      sort: ({ image }) => image,
      cell: (container) => <ContainerImage container={container} />,
    },
    {
      id: 'cuda',
      header: 'CUDA',
      card: 'labelled',
      sort: ({ cudaVersion }) => cudaVersion,
      cell: (container) => <ContainerCuda container={container} />,
    },
    {
      id: 'host',
      header: 'Host',
      card: 'labelled',
      sort: ({ hostname }) => hostname,
      cell: ({ hostId, hostname }) => (
        <Link
          href={`/hosts/${encodeURIComponent(hostId)}`}
          prefetch={false}
          className="text-accent hover:underline"
        >
          {hostname}
        </Link>
      ),
    },
    {
      id: 'gpus',
      header: 'GPUs',
      card: 'labelled',
      sort: ({ gpus }) => gpus.length,
      cell: (container) => <ContainerGpus container={container} />,
    },
    {
      id: 'memory',
      header: 'GPU memory',
      align: 'right',
      card: 'labelled',
      sort: memoryOf,
      cell: (container) => (
        <Value
          value={memoryOf(container)}
          current={container.current}
          format={formatBytes}
          reason="the driver tells no memory for its processes"
        />
      ),
    },
    {
      id: 'sm',
      header: 'SM',
      align: 'right',
      sort: smOf,
      cell: (container) => (
        <Value
          value={smOf(container)}
          current={container.current}
          format={formatPercent}
          reason="the driver tells no SM share for its processes"
        />
      ),
    },
    {
      id: 'state',
      header: 'State',
      card: 'state',
      className: 'py-1.5',
      sort: ({ state }) => state,
      cell: (container) => <ContainerState container={container} serverTime={serverTime} />,
    },
  ];
}
