import { type HistoryMetric, historyMetrics } from '../history-store.ts';

/** A metric's place here is its number on disk: never change the order, only add at the end (32 at most). */
export const storedMetrics = [
  'gpu_utilization_ratio',
  'gpu_memory_utilization_ratio',
  'gpu_encoder_utilization_ratio',
  'gpu_decoder_utilization_ratio',
  'gpu_memory_used_bytes',
  'gpu_temperature_celsius',
  'gpu_memory_temperature_celsius',
  'gpu_power_watts',
  'gpu_sm_clock_hertz',
  'gpu_memory_clock_hertz',
  'gpu_fan_ratio',
  'container_gpu_memory_used_bytes',
  'container_gpu_utilization_ratio',
] as const satisfies readonly HistoryMetric[];

const numbers = new Map<HistoryMetric, number>(storedMetrics.map((metric, index) => [metric, index]));

export function metricNumber(metric: HistoryMetric): number {
  const number = numbers.get(metric);
  if (number === undefined) throw new RangeError(`no stored metric ${metric}`);
  return number;
}

/**
 * Numbers on disk stay below this, so that the sum of an hour of them, one a second, is exact: 2^41 × 3600 < 2^53.
 */
export const maxStoredNumber = 2 ** 41;

/** The whole number of 1/scale that is stored; null for what is not a number or is beyond what is kept. */
export function toStored(metric: HistoryMetric, value: number): number | null {
  const stored = Math.round(value * historyMetrics[metric].scale);
  return Math.abs(stored) <= maxStoredNumber ? stored + 0 : null;
}
