'use client';
import Link from 'next/link';
import type { ContainerView } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent } from '../format/index.ts';

interface ContainersTableProps {
  readonly containers: readonly ContainerView[];
  readonly serverTime: string;
  readonly hasHost: boolean;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function Gpus({ container }: { container: ContainerView }) {
  return (
    <span className="flex flex-wrap gap-x-2">
      {container.gpus.map((use) => (
        <Link
          key={`${use.gpuUuid} ${use.gpuInstanceId} ${use.computeInstanceId}`}
          href={`/gpus/${encodeURIComponent(use.gpuUuid)}`}
          prefetch={false}
          title={use.gpuName ?? use.gpuUuid}
          className="text-accent hover:underline"
        >
          {use.gpuIndex ?? '?'}
          {use.gpuInstanceId === null ? '' : ` (MIG ${use.gpuInstanceId})`}
        </Link>
      ))}
    </span>
  );
}

function Name({ container }: { container: ContainerView }) {
  return (
    <span className="min-w-0">
      <span className="break-all font-medium" title={container.id}>
        {container.name ?? container.id.slice(0, 12)}
      </span>
      {container.pod === null ? null : (
        <span className="block text-xs text-muted">
          {container.namespace}/{container.pod}
        </span>
      )}
    </span>
  );
}

const noEngine = 'no container engine could be asked';

function cellsOf(container: ContainerView, serverTime: string, hasHost: boolean) {
  const { current } = container;
  return [
    <Name key="name" container={container} />,
    <span key="image" className="break-all font-mono text-[13px]">
      <Value
        value={container.image}
        format={(text) => <span className="whitespace-normal">{text}</span>}
        reason={noEngine}
      />
    </span>,
    <Value
      key="cuda"
      value={container.cudaVersion}
      format={(text) => text}
      reason="the image sets no CUDA_VERSION"
    />,
    ...(hasHost
      ? [
          <Link
            key="host"
            href={`/hosts/${encodeURIComponent(container.hostId)}`}
            prefetch={false}
            data-row-link
            className="text-accent hover:underline"
          >
            {container.hostname}
          </Link>,
        ]
      : []),
    <Gpus key="gpus" container={container} />,
    <Value
      key="memory"
      value={sum(container.gpus.map((use) => use.usedMemoryBytes))}
      current={current}
      format={formatBytes}
      reason="the driver tells no memory for its processes"
    />,
    <Value
      key="sm"
      value={sum(container.gpus.map((use) => use.smRatio))}
      current={current}
      format={formatPercent}
      reason="the driver tells no SM share for its processes"
    />,
    <span key="state">
      <Value value={container.state} current={current} format={(text) => text} reason={noEngine} />
      {container.startedAt === null ? null : (
        <span className="block text-xs text-muted">
          <Age at={container.startedAt} serverTime={serverTime} prefix="started" />
        </span>
      )}
    </span>,
  ];
}

/** Containers with what they hold of which GPU. */
export function ContainersTable({ containers, serverTime, hasHost }: ContainersTableProps) {
  const columns = [
    { header: 'Container', card: 'title' },
    { header: 'Image', card: 'labelled' },
    { header: 'CUDA' },
    ...(hasHost ? ([{ header: 'Host', card: 'labelled' }] as const) : []),
    { header: 'GPUs', card: 'labelled' },
    { header: 'GPU memory', align: 'right', card: 'labelled' },
    { header: 'SM', align: 'right' },
    { header: 'State', card: 'state' },
  ] as const;
  return (
    <SimpleTable
      caption="Containers that use GPUs"
      columns={columns}
      rows={containers.map((container) => ({
        key: `${container.hostId} ${container.id}`,
        cells: cellsOf(container, serverTime, hasHost),
      }))}
    />
  );
}
