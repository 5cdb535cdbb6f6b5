import type { FleetTotals, GpuSummary, HostSummary } from './fleet.ts';

/** At and above this share of time with a kernel running, a GPU counts as busy. */
const busyRatio = 0.05;

function sumOf(gpus: readonly GpuSummary[], read: (gpu: GpuSummary) => number | null): number | null {
  let sum: number | null = null;
  for (const gpu of gpus) {
    const value = read(gpu);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}

/** Moving values count only where they are current; the number of GPUs counts every one known. */
export function totalsOf(hosts: readonly HostSummary[]): FleetTotals {
  const gpus = hosts.flatMap((host) => host.gpus);
  const live = hosts.filter((host) => host.current).flatMap((host) => host.gpus);
  const telling = live.filter((gpu) => gpu.utilizationRatio !== null);
  const utilization = sumOf(telling, (gpu) => gpu.utilizationRatio);
  return {
    hosts: hosts.length,
    hostsReporting: hosts.filter((host) => host.state !== 'gone' && host.lastReportAt !== null).length,
    gpus: gpus.length,
    gpusLost: gpus.filter((gpu) => gpu.state !== 'ok').length,
    gpusUnreadable: hosts
      .filter(({ current, state }) => !current && state !== 'paused')
      .reduce((sum, host) => sum + host.gpus.filter((gpu) => gpu.state === 'ok').length, 0),
    utilizationRatio: utilization === null ? null : utilization / telling.length,
    busyGpus: telling.filter((gpu) => (gpu.utilizationRatio ?? 0) >= busyRatio).length,
    powerWatts: sumOf(live, (gpu) => gpu.powerWatts),
    memoryUsedBytes: sumOf(live, (gpu) => gpu.memoryUsedBytes),
    memoryTotalBytes: sumOf(live, (gpu) => gpu.memoryTotalBytes),
  };
}
