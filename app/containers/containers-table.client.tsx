'use client';
import type { ContainerView } from '../../lib/model/index.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import { shortId } from './container-address.ts';
import {
  ContainerCuda,
  ContainerGpus,
  ContainerImage,
  ContainerName,
  ContainerState,
  sumKnown,
} from './container-cells.tsx';

const columns = [
  { header: 'Container', card: 'title' },
  { header: 'Image', card: 'labelled' },
  { header: 'CUDA', card: 'labelled' },
  { header: 'GPUs', card: 'labelled' },
  { header: 'GPU memory', align: 'right', card: 'labelled' },
  { header: 'SM', align: 'right' },
  { header: 'State', card: 'state' },
] as const;

/** Containers of one host, with what they hold of which GPU. */
export function ContainersTable({
  containers,
  serverTime,
}: {
  containers: readonly ContainerView[];
  serverTime: string;
}) {
  return (
    <SimpleTable
      caption="Containers that use GPUs"
      columns={columns}
      rows={containers.map((container) => ({
        key: `${container.hostId} ${container.id}`,
        cells: [
          <ContainerName key="name" container={container} />,
          <ContainerImage key="image" container={container} />,
          <ContainerCuda key="cuda" container={container} />,
          <ContainerGpus key="gpus" container={container} />,
          <Origin
            key="memory"
            of={{
              kind: 'owner',
              containerId: container.id,
              gpuUuid: null,
              label: `Memory of ${container.name ?? shortId(container.id)}`,
            }}
          >
            <Value
              value={sumKnown(container.gpus.map((use) => use.usedMemoryBytes))}
              current={container.current}
              format={formatBytes}
              reason="the driver tells no memory for its processes"
            />
          </Origin>,
          <Value
            key="sm"
            value={sumKnown(container.gpus.map((use) => use.smRatio))}
            current={container.current}
            format={formatPercent}
            reason="the driver tells no SM share for its processes"
          />,
          <ContainerState key="state" container={container} serverTime={serverTime} />,
        ],
      }))}
    />
  );
}
