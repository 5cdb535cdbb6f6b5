'use client';
import { type ContainerView, type GpuDetail, rawProcessField } from '../../lib/model/index.ts';
import { formatBytes, formatPercent } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import { gpuSubject } from '../provenance/subject.ts';
import { ownerWords } from './process-owner.ts';
import { SimpleTable } from './simple-table.tsx';
import { Value } from './value.tsx';

interface ProcessTableProps {
  readonly gpus: readonly GpuDetail[];
  readonly containers: readonly ContainerView[];
  readonly hasGpu: boolean;
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
        <Origin key="memory" of={gpuSubject(gpu, rawProcessField(process), `Memory of PID ${process.pid}`)}>
          <Value
            value={process.usedMemoryBytes}
            current={gpu.current}
            format={formatBytes}
            reason={memoryReason}
          />
        </Origin>,
      ],
    })),
  );
  return <SimpleTable caption="Processes on GPUs" columns={columns} rows={rows} />;
}
