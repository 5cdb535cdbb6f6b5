import { gpuKey } from '../fleet/index.ts';
import type { HistoryMetric, HistorySample } from '../history/history-store.ts';
import { type Container, powerWattsOf, type Report, type ReportedGpu } from '../model/index.ts';

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

/** A container's instances on one GPU count as one; null stays null until one of them tells. */
function containerSamples(container: Container): HistorySample[] {
  const sums = new Map<string, HistorySample>();
  const add = (metric: HistoryMetric, gpuUuid: string, value: number | null) => {
    if (value === null) return;
    const key = `${metric} ${gpuUuid}`;
    const sum = (sums.get(key)?.value ?? 0) + value;
    sums.set(key, { metric, gpuUuid, containerId: container.id, value: sum });
  };
  for (const use of container.gpus) {
    add('container_gpu_memory_used_bytes', use.gpuUuid, use.usedMemoryBytes);
    add('container_gpu_utilization_ratio', use.gpuUuid, use.smRatio);
  }
  return [...sums.values()];
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
  return samples.concat(report.containers.flatMap(containerSamples));
}
