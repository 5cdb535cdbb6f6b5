import { type GpuUse, isWithin, type OwnedProcess, type ReportedGpu } from '../model/index.ts';

/** What each owner uses, by `ownerKey` of the processes, in the order in which they are met. */
export function usesByOwner(gpus: readonly ReportedGpu[]): ReadonlyMap<string, readonly GpuUse[]> {
  const owners = new Map<string, GpuUse[]>();
  gpus.forEach((gpu) => {
    gpu.processes.forEach((process) => {
      const key = process.ownerKey ?? null;
      if (key === null || gpu.uuid === null) return;
      const uses = owners.get(key) ?? [];
      owners.set(key, uses);
      const { gpuInstanceId, computeInstanceId } = process;
      const at = uses.findIndex(
        (use) =>
          use.gpuUuid === gpu.uuid &&
          use.gpuInstanceId === gpuInstanceId &&
          use.computeInstanceId === computeInstanceId,
      );
      const use = uses[at] ?? noUse(gpu.uuid, gpu, process);
      uses[at < 0 ? uses.length : at] = withProcess(use, process);
    });
  });
  return owners;
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
