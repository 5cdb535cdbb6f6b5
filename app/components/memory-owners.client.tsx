'use client';
import type { ContainerView, GpuDetail } from '../../lib/model/index.ts';
import { formatBytes } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import type { Subject } from '../provenance/subject.ts';
import { type MemoryOwner, memoryOwners } from './memory-owners.ts';
import { Meter, type MeterPart } from './meter.tsx';

const looks = ['solid', 'second', 'third'] as const;

interface MemoryOwnersProps {
  readonly gpu: GpuDetail;
  readonly containers: readonly ContainerView[];
}

function ownerSubject(owner: MemoryOwner, gpu: GpuDetail): Subject {
  const gpuUuid = gpu.uuid ?? '';
  const where = `GPU ${gpu.index ?? '?'}`;
  return owner.isUnattributed
    ? { kind: 'unattributed', gpuUuid, label: `Unattributed memory of ${where}` }
    : { kind: 'owner', containerId: owner.key, gpuUuid, label: `Memory of ${owner.name} on ${where}` };
}

/** A GPU's memory by who holds it; what belongs to no container is hatched and named. */
export function MemoryOwners({ gpu, containers }: MemoryOwnersProps) {
  const total = gpu.memory.totalBytes;
  const owners = memoryOwners(gpu, containers);
  if (total === null || owners.length === 0) return null;
  const parts = owners.map(
    (owner, index): MeterPart => ({
      key: owner.key,
      ratio: owner.bytes / total,
      look: owner.isUnattributed ? 'hatched' : (looks[index % looks.length] ?? 'solid'),
      title: `${owner.name} ${formatBytes(owner.bytes)}`,
    }),
  );
  return (
    <div>
      <Meter parts={parts} className="h-2" />
      <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-muted">
        {owners.map((owner) => (
          <span key={owner.key} className="inline-flex items-center gap-1">
            {owner.isUnattributed ? (
              <span aria-hidden className="hatched inline-block h-2 w-3 border border-line-strong" />
            ) : null}
            <span className="max-w-48 truncate">{owner.name}</span>{' '}
            <Origin of={ownerSubject(owner, gpu)}>{formatBytes(owner.bytes)}</Origin>
          </span>
        ))}
        {gpu.unattributed.overcountBytes > 0 ? (
          <span title="Processes report more than the GPU uses: shared memory counted twice">
            owners overcount by {formatBytes(gpu.unattributed.overcountBytes)}
          </span>
        ) : null}
      </p>
    </div>
  );
}
