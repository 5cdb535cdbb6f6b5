'use client';
import type { HostDetail } from '../../../lib/model/index.ts';
import { Empty } from '../../components/page-parts.tsx';
import { ProcessTable } from '../../components/process-table.client.tsx';

export function HostProcesses({ host }: { host: HostDetail }) {
  if (host.gpus.some((gpu) => gpu.processes.length > 0))
    return <ProcessTable gpus={host.gpus} host={host} hasGpu />;
  if (!host.current)
    return <Empty title="Not known">The GPUs do not answer, so nobody can say what runs on them.</Empty>;
  return (
    <Empty title="No process on any GPU">
      nvidia-smi lists none. On some setups (vGPU guests, MIG without permission) it cannot see them.
    </Empty>
  );
}
