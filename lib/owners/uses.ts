import { type GpuUse, isWithin, type OwnedProcess, type ReportedGpu } from '../model/index.ts';

/** What each owner uses, by `ownerKey` of the processes, in the order in which they are met. */
export function usesByOwner(gpus: readonly ReportedGpu[]): ReadonlyMap<string, readonly GpuUse[]> {
  const owners = new Map<string, Map<string, GpuUse>>();
  for (const gpu of gpus)
    for (const process of gpu.processes) {
      const key = process.ownerKey ?? null;
      if (key === null || gpu.uuid === null) continue;
      const uses = owners.get(key) ?? new Map<string, GpuUse>();
      owners.set(key, uses);
      const place = `${gpu.uuid} ${process.gpuInstanceId} ${process.computeInstanceId}`;
      uses.set(place, withProcess(uses.get(place) ?? noUse(gpu.uuid, gpu, process), process));
    }
  return new Map([...owners].map(([key, uses]) => [key, [...uses.values()]]));
}

const noUse = (gpuUuid: string, gpu: ReportedGpu, process: OwnedProcess): GpuUse => ({
  gpuUuid,
  gpuInstanceId: process.gpuInstanceId,
  computeInstanceId: process.computeInstanceId,
  usedMemoryBytes: null,
  smRatio: null,
  pids: [],
  memoryRatio: null,
  encoderRatio: null,
  decoderRatio: null,
  sampledAt: gpu.detailsSampledAt,
  sharesSampledAt: gpu.accounting?.sharesSampledAt ?? null,
});

const withProcess = (use: GpuUse, process: OwnedProcess): GpuUse => ({
  ...use,
  usedMemoryBytes: sumOf('bytes', use.usedMemoryBytes, process.usedMemoryBytes),
  smRatio: shareSum(use.smRatio, process.smRatio),
  memoryRatio: shareSum(use.memoryRatio, process.memoryRatio),
  encoderRatio: shareSum(use.encoderRatio, process.encoderRatio),
  decoderRatio: shareSum(use.decoderRatio, process.decoderRatio),
  pids: use.pids.includes(process.pid) ? use.pids : [...use.pids, process.pid],
});

/** A sum over those that are told; null when none is. */
function sumOf(
  kind: 'bytes' | 'looseRatio',
  sum: number | null | undefined,
  value: number | null | undefined,
): number | null {
  if (sum === null || sum === undefined) return value ?? null;
  return value === null || value === undefined || !isWithin(kind, sum + value) ? sum : sum + value;
}

/** Whole percents add up to whole percents: what binary fractions add to it is cut. */
const shareSum = (sum: number | null | undefined, value: number | null | undefined): number | null => {
  const added = sumOf('looseRatio', sum, value);
  return added === null ? null : Math.round(added * 1e6) / 1e6;
};
