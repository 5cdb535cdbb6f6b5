'use client';
import type { ContainerView, GpuDetail, OwnedProcess } from '../../lib/model/index.ts';
import { formatBytes, formatPercent } from '../format/index.ts';
import { SimpleTable } from './simple-table.tsx';
import { Value } from './value.tsx';

interface ProcessTableProps {
  readonly gpus: readonly GpuDetail[];
  readonly containers: readonly ContainerView[];
  readonly hasGpu: boolean;
}

/** In words: the container's name, else the unit, job or kind that its cgroup tells. */
function ownerWords(process: OwnedProcess, containers: readonly ContainerView[]): string | null {
  const { owner } = process;
  if (owner === null) return null;
  if (owner.containerId !== null) {
    const container = containers.find((candidate) => candidate.id === owner.containerId);
    return container?.name ?? `${owner.runtime ?? 'container'} ${owner.containerId.slice(0, 12)}`;
  }
  if (owner.slurmJobId !== null) return `Slurm job ${owner.slurmJobId}`;
  return owner.unit ?? owner.runtime ?? 'no container';
}

const memoryReason = 'the driver tells no memory for this process (WDDM, MIG or missing permission)';

/** Every process that nvidia-smi lists, with whom it belongs to. */
export function ProcessTable({ gpus, containers, hasGpu }: ProcessTableProps) {
  const columns = [
    ...(hasGpu ? ([{ header: 'GPU' }] as const) : []),
    { header: 'PID', align: 'right' },
    { header: 'Process', card: 'title' },
    { header: 'Belongs to', card: 'labelled' },
    { header: 'Type' },
    { header: 'SM', align: 'right' },
    { header: 'GPU memory', align: 'right', card: 'labelled' },
  ] as const;
  const rows = gpus.flatMap((gpu) =>
    gpu.processes.map((process) => ({
      key: `${gpu.uuid} ${process.pid} ${process.gpuInstanceId} ${process.type}`,
      cells: [
        ...(hasGpu ? [gpu.index ?? '?'] : []),
        process.pid,
        <span key="name" className="break-all font-mono text-[13px]">
          <Value value={process.name} format={(text) => <span className="whitespace-normal">{text}</span>} />
        </span>,
        <Value
          key="owner"
          value={ownerWords(process, containers)}
          format={(text) => text}
          reason="the process could not be looked up: it ended, or the agent may not read it"
        />,
        <Value key="type" value={process.type} format={(text) => text} />,
        <Value key="sm" value={process.smRatio} current={gpu.current} format={formatPercent} />,
        <Value
          key="memory"
          value={process.usedMemoryBytes}
          current={gpu.current}
          format={formatBytes}
          reason={memoryReason}
        />,
      ],
    })),
  );
  return <SimpleTable caption="Processes on GPUs" columns={columns} rows={rows} />;
}
