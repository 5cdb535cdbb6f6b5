import type { ContainerView, GpuDetail } from '../../lib/model/index.ts';

export interface MemoryOwner {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  /** Nobody: driver, or processes that belong to no container. */
  readonly isUnattributed: boolean;
}

/** Who holds a GPU's memory, largest first, what belongs to no container last. */
export function memoryOwners(gpu: GpuDetail, containers: readonly ContainerView[]): readonly MemoryOwner[] {
  const owners = containers
    .map((container) => ({
      key: container.id,
      name: container.name ?? container.id.slice(0, 12),
      bytes: container.gpus
        .filter((use) => use.gpuUuid === gpu.uuid)
        .reduce((sum, use) => sum + (use.usedMemoryBytes ?? 0), 0),
      isUnattributed: false,
    }))
    .filter((owner) => owner.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const rest = gpu.unattributed.usedMemoryBytes;
  if (rest === null || rest <= 0) return owners;
  return [...owners, { key: 'unattributed', name: 'unattributed', bytes: rest, isUnattributed: true }];
}
