import type { GpuSummary } from '../../lib/model/index.ts';
import { formatCelsius, formatPercent, formatWatts, plural } from '../format/index.ts';

export const measureNames = ['utilization', 'memory', 'temperature', 'power'] as const;
export type MeasureName = (typeof measureNames)[number];

export interface Measure {
  readonly label: string;
  /** Share of the ramp, 0..1; null: unknown. */
  readonly share: (gpu: GpuSummary) => number | null;
  /** With its unit; null: unknown. */
  readonly text: (gpu: GpuSummary) => string | null;
  /** Inside a cell: no unit. */
  readonly short: (gpu: GpuSummary) => string;
  /** Words at the ends and the middle of the legend. */
  readonly legend: readonly [string, string, string];
  /** What is odd about its value, in words, for "only unusual"; null: nothing. */
  readonly odd: (gpu: GpuSummary) => string | null;
}

const coolCelsius = 25;
const hotCelsius = 95;
const hotFromCelsius = 85;

function memoryShare(gpu: GpuSummary): number | null {
  if (gpu.memoryUsedBytes === null || !gpu.memoryTotalBytes) return null;
  return gpu.memoryUsedBytes / gpu.memoryTotalBytes;
}

function powerShare(gpu: GpuSummary): number | null {
  if (gpu.powerWatts === null || !gpu.powerLimitWatts) return null;
  return gpu.powerWatts / gpu.powerLimitWatts;
}

const percent = (share: number | null) => (share === null ? null : formatPercent(share));
const short = (share: number | null) => (share === null ? '' : String(Math.round(share * 100)));

export const measures: Readonly<Record<MeasureName, Measure>> = {
  utilization: {
    label: 'Utilization',
    share: (gpu) => gpu.utilizationRatio,
    text: (gpu) => percent(gpu.utilizationRatio),
    short: (gpu) => short(gpu.utilizationRatio),
    legend: ['0 %', '50 %', '100 %'],
    odd: ({ utilizationRatio: ratio, processCount: held }) =>
      ratio !== null && ratio < 0.01 && held > 0
        ? `idle, though held by ${plural(held, 'process', 'processes')}`
        : null,
  },
  memory: {
    label: 'Memory',
    share: memoryShare,
    text: (gpu) => percent(memoryShare(gpu)),
    short: (gpu) => short(memoryShare(gpu)),
    legend: ['0 %', '50 %', '100 %'],
    odd: (gpu) => {
      const full = memoryShare(gpu);
      return full !== null && full > 0.97 ? `memory ${formatPercent(full)} full` : null;
    },
  },
  temperature: {
    label: 'Temperature',
    share: (gpu) =>
      gpu.temperatureCelsius === null
        ? null
        : (gpu.temperatureCelsius - coolCelsius) / (hotCelsius - coolCelsius),
    text: (gpu) => (gpu.temperatureCelsius === null ? null : formatCelsius(gpu.temperatureCelsius)),
    short: (gpu) => (gpu.temperatureCelsius === null ? '' : String(Math.round(gpu.temperatureCelsius))),
    legend: [`${coolCelsius} °C`, '60 °C', `${hotCelsius} °C`],
    odd: ({ temperatureCelsius: heat }) =>
      heat !== null && heat >= hotFromCelsius ? `hot: ${formatCelsius(heat)}` : null,
  },
  power: {
    label: 'Power',
    share: powerShare,
    text: (gpu) => (gpu.powerWatts === null ? null : formatWatts(gpu.powerWatts)),
    short: (gpu) => (gpu.powerWatts === null ? '' : String(Math.round(gpu.powerWatts))),
    legend: ['0', 'half of limit', 'limit'],
    odd: (gpu) =>
      (powerShare(gpu) ?? 0) > 1.02
        ? `draws ${formatWatts(gpu.powerWatts ?? 0)} of ${formatWatts(gpu.powerLimitWatts ?? 0)}`
        : null,
  },
};
