import { type AccountMetric, accountMetrics, type HistoryMetric, historyMetrics } from '../history-store.ts';

export type StoredMetric = HistoryMetric | AccountMetric;

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
  'owner_seconds',
  'owner_granted_seconds',
  'owner_energy_joules',
] as const satisfies readonly StoredMetric[];

const numbers = new Map<StoredMetric, number>(storedMetrics.map((metric, index) => [metric, index]));

export function metricNumber(metric: StoredMetric): number {
  const number = numbers.get(metric);
  if (number === undefined) throw new RangeError(`no stored metric ${metric}`);
  return number;
}

/**
 * Numbers on disk stay below this, so that the sum of an hour of them, one a second, is exact: 2^41 × 3600 < 2^53.
 */
export const maxStoredNumber = 2 ** 41;

/** The whole number of 1/scale that is stored; null for what is not a number or is beyond what is kept. */
export function toStored(metric: StoredMetric, value: number): number | null {
  const { scale } =
    metric in accountMetrics
      ? accountMetrics[metric as AccountMetric]
      : historyMetrics[metric as HistoryMetric];
  const stored = Math.round(value * scale);
  return Math.abs(stored) <= maxStoredNumber ? stored + 0 : null;
}

/** The accounts' metrics are summed by day and in no series: see owner-days.ts. */
export const accountNumbers = {
  memoryBytes: metricNumber('container_gpu_memory_used_bytes'),
  smRatio: metricNumber('container_gpu_utilization_ratio'),
  seconds: metricNumber('owner_seconds'),
  grantedSeconds: metricNumber('owner_granted_seconds'),
  energyJoules: metricNumber('owner_energy_joules'),
} as const;

/** Whether a metric goes into the series of minutes and hours. */
export const isSeries = (metric: number): boolean =>
  metric < accountNumbers.seconds || metric > accountNumbers.energyJoules;
