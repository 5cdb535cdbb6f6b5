import type { ReportedGpu } from './gpu.ts';

/** More than a driver holds for itself on a GPU that nobody uses, and less than one CUDA program does with its data. */
const idleBytes = 256 * 1024 ** 2;

/**
 * Whether a report says who is on a GPU, so that whoever is not among its processes is not there. Not where its list of
 * processes could not be read, nor where it is empty and the GPU works or holds memory all the same: nvidia-smi shows
 * none from within another pid namespace, in WSL, and of another virtual machine.
 */
export function toldProcesses(
  gpu: Pick<
    ReportedGpu,
    'state' | 'processes' | 'utilization' | 'detailsSampledAt' | 'detailsMemoryUsedBytes'
  >,
): boolean {
  const { state, processes, utilization, detailsSampledAt, detailsMemoryUsedBytes } = gpu;
  if (state !== 'ok' || detailsSampledAt === null) return false;
  if (processes.length > 0) return true;
  // Null too while the slow document fails, which leaves the list empty.
  if (detailsMemoryUsedBytes === null || detailsMemoryUsedBytes > idleBytes) return false;
  return (utilization.gpuRatio ?? 0) === 0;
}
