import { gpuKey } from '../fleet/index.ts';
import type { HistoryMetric, HistorySample } from '../history/history-store.ts';
import { type GpuUse, powerWattsOf, type Report, type ReportedGpu } from '../model/index.ts';
import { freshShare, type OwnerReading, ownerReadings } from '../waste/index.ts';

const gpuReaders: readonly (readonly [HistoryMetric, (gpu: ReportedGpu) => number | null])[] = [
  ['gpu_utilization_ratio', (gpu) => gpu.utilization.gpuRatio],
  ['gpu_memory_utilization_ratio', (gpu) => gpu.utilization.memoryRatio],
  ['gpu_encoder_utilization_ratio', (gpu) => gpu.utilization.encoderRatio],
  ['gpu_decoder_utilization_ratio', (gpu) => gpu.utilization.decoderRatio],
  ['gpu_memory_used_bytes', (gpu) => gpu.memory.usedBytes],
  ['gpu_temperature_celsius', (gpu) => gpu.temperature.gpuCelsius],
  ['gpu_memory_temperature_celsius', (gpu) => gpu.temperature.memoryCelsius],
  ['gpu_power_watts', powerWattsOf],
  ['gpu_sm_clock_hertz', (gpu) => gpu.clocks.smHertz],
  ['gpu_memory_clock_hertz', (gpu) => gpu.clocks.memoryHertz],
  ['gpu_fan_ratio', (gpu) => gpu.fanRatio],
];

/** An owner's instances on one GPU count as one; null stays null until one of them tells. */
function useSamples(report: Report, key: string, uses: readonly GpuUse[]): HistorySample[] {
  const sums = new Map<string, HistorySample>();
  const add = (metric: HistoryMetric, gpuUuid: string, value: number | null) => {
    if (value === null) return;
    const name = `${metric} ${gpuUuid}`;
    const sum = (sums.get(name)?.value ?? 0) + value;
    sums.set(name, { metric, gpuUuid, containerId: key, value: sum });
  };
  for (const use of uses) {
    add('container_gpu_memory_used_bytes', use.gpuUuid, use.usedMemoryBytes);
    add('container_gpu_utilization_ratio', use.gpuUuid, freshShare(report, use));
  }
  return [...sums.values()];
}

const placeOf = ({ metric, containerId, gpuUuid }: Omit<HistorySample, 'value'>): string =>
  `${metric} ${containerId} ${gpuUuid}`;

/**
 * An owner's account. It has SM share and memory of its own where the uses tell none: an owner that was granted a GPU and
 * has no process there uses nothing of it, and on a GPU that does nothing nobody works, which is known.
 */
function accountSamples(reading: OwnerReading, told: ReadonlySet<string>): HistorySample[] {
  const base = { gpuUuid: reading.gpuUuid, containerId: reading.key };
  const { seconds, grantedSeconds, energyJoules } = reading;
  const nothing: HistorySample[] = [];
  const add = (metric: HistoryMetric, value: number | null): void => {
    if (value !== null && !told.has(placeOf({ ...base, metric }))) nothing.push({ ...base, metric, value });
  };
  add('container_gpu_memory_used_bytes', reading.usedMemoryBytes);
  add('container_gpu_utilization_ratio', reading.smRatio);
  return [
    ...nothing,
    { ...base, metric: 'owner_seconds', value: seconds },
    ...(grantedSeconds > 0
      ? [{ ...base, metric: 'owner_granted_seconds', value: grantedSeconds } as const]
      : []),
    ...(energyJoules === null
      ? []
      : [{ ...base, metric: 'owner_energy_joules', value: energyJoules } as const]),
  ];
}

/** What of a report is kept over time. A number that was not told is no sample; a GPU that is lost has none. */
export function historySamples(hostId: string, report: Report): HistorySample[] {
  const samples: HistorySample[] = [];
  for (const gpu of report.gpus) {
    if (gpu.state !== 'ok') continue;
    const gpuUuid = gpuKey(hostId, gpu);
    for (const [metric, read] of gpuReaders) {
      const value = read(gpu);
      if (value !== null) samples.push({ metric, gpuUuid, containerId: null, value });
    }
  }
  const owned = [
    ...report.containers.map(({ id, gpus }) => [id, gpus] as const),
    ...(report.owners ?? []).map(({ key, gpus }) => [key, gpus] as const),
  ];
  const uses = owned.flatMap(([key, gpus]) => useSamples(report, key, gpus));
  const told = new Set(uses.map(placeOf));
  const accounts = ownerReadings(report).flatMap((reading) => accountSamples(reading, told));
  return samples.concat(uses, accounts);
}
