import type { OwnedProcess, ReportedGpu, UnattributedUse } from '../model/index.ts';

const inContainer = (process: OwnedProcess): boolean => (process.owner?.containerId ?? null) !== null;

/** What of a GPU's memory nobody owns: as its agent divides it, or, of an older agent, what no container owns. */
export function unattributedOf(
  gpu: Pick<ReportedGpu, 'accounting' | 'detailsMemoryUsedBytes' | 'processes'>,
): UnattributedUse {
  const { accounting, processes } = gpu;
  if (accounting === undefined) return unattributedUse(gpu.detailsMemoryUsedBytes, processes);
  return {
    usedMemoryBytes: accounting.memory.remainderBytes,
    overcountBytes: accounting.memory.overcountBytes,
    pids: processes.filter(({ ownerKey }) => (ownerKey ?? null) === null).map(({ pid }) => pid),
  };
}

/**
 * What of a GPU's memory no container owns. Owners plus remainder are the GPU's own number; where the owners add up
 * to more (shared pages are counted twice by the driver), the remainder is 0 and the excess is said. Null where the
 * GPU or one of its contained processes does not tell.
 */
export function unattributedUse(
  usedBytes: number | null,
  processes: readonly OwnedProcess[],
): UnattributedUse {
  const pids = processes.filter((process) => !inContainer(process)).map((process) => process.pid);
  let ownedBytes = 0;
  for (const process of processes) {
    if (!inContainer(process)) continue;
    if (process.usedMemoryBytes === null) return { usedMemoryBytes: null, overcountBytes: 0, pids };
    ownedBytes += process.usedMemoryBytes;
  }
  if (usedBytes === null) return { usedMemoryBytes: null, overcountBytes: 0, pids };
  return {
    usedMemoryBytes: Math.max(0, usedBytes - ownedBytes),
    overcountBytes: Math.max(0, ownedBytes - usedBytes),
    pids,
  };
}
