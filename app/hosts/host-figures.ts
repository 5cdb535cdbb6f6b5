import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { hostText } from '../components/host-filter.ts';

/** A host's GPUs in one line; null where no GPU tells it, or the host's numbers are not current. */
export interface HostFigures {
  readonly model: string | null;
  readonly utilizationRatio: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly powerWatts: number | null;
}

function sum(gpus: readonly GpuSummary[], read: (gpu: GpuSummary) => number | null): number | null {
  const known = gpus.map(read).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** `8 × NVIDIA H100 80GB HBM3`, or the models that it has. */
function modelOf(gpus: readonly GpuSummary[]): string | null {
  const counts = Map.groupBy(gpus, (gpu) => gpu.name ?? 'unknown model');
  if (counts.size === 0) return null;
  return [...counts].map(([name, same]) => `${same.length} × ${name.replace(/^NVIDIA /, '')}`).join(', ');
}

export function figuresOf(host: HostSummary): HostFigures {
  const telling = host.gpus.filter((gpu) => gpu.utilizationRatio !== null).length;
  const utilization = sum(host.gpus, (gpu) => gpu.utilizationRatio);
  return {
    model: modelOf(host.gpus),
    utilizationRatio: utilization === null ? null : utilization / telling,
    memoryUsedBytes: sum(host.gpus, (gpu) => gpu.memoryUsedBytes),
    memoryTotalBytes: sum(host.gpus, (gpu) => gpu.memoryTotalBytes),
    powerWatts: sum(host.gpus, (gpu) => gpu.powerWatts),
  };
}

/** Every word must be somewhere in what identifies the host. */
export function matchesHost(host: HostSummary, text: string): boolean {
  const words = text.trim().toLowerCase().split(/\s+/);
  const all = hostText(host);
  return words.every((word) => all.includes(word));
}
