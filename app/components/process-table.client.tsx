'use client';
import Link from 'next/link';
import {
  type GpuDetail,
  type HostDetail,
  type OwnedProcess,
  rawProcessField,
} from '../../lib/model/index.ts';
import { ownerHref } from '../containers/container-address.ts';
import { formatBytes, formatPercent } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import { gpuSubject } from '../provenance/subject.ts';
import { ownerKeyOf, ownerWords } from './process-owner.ts';
import { SimpleTable } from './simple-table.tsx';
import { Value } from './value.tsx';

interface ProcessTableProps {
  readonly gpus: readonly GpuDetail[];
  readonly host: Pick<HostDetail, 'containers' | 'owners'>;
  readonly hasGpu: boolean;
}

const memoryReason = 'the driver tells no memory for this process (WDDM, MIG or missing permission)';

function OwnerOfProcess({
  process,
  gpu,
  host,
}: { process: OwnedProcess; gpu: GpuDetail } & Pick<ProcessTableProps, 'host'>) {
  const key = ownerKeyOf(process);
  return (
    <Value
      value={ownerWords(process, host)}
      format={(text) =>
        key === null ? (
          text
        ) : (
          <Link
            href={ownerHref({ hostId: gpu.hostId, key })}
            prefetch={false}
            className="text-accent hover:underline"
          >
            {text}
          </Link>
        )
      }
      reason="the process could not be looked up: it ended, or the agent may not read it"
    />
  );
}

/** Every process that nvidia-smi lists, with whom it belongs to. */
export function ProcessTable({ gpus, host, hasGpu }: ProcessTableProps) {
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
          {process.command ? (
            <span className="block max-w-xl whitespace-normal text-xs text-muted">{process.command}</span>
          ) : null}
        </span>,
        <OwnerOfProcess key="owner" process={process} gpu={gpu} host={host} />,
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
