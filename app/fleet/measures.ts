import type { GpuSummary } from '../../lib/model/index.ts';
import { formatCelsius, formatPercent, formatWatts } from '../format/index.ts';

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
  /** Its unusual values, for "only unusual". */
  readonly isUnusual: (gpu: GpuSummary) => boolean;
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
    isUnusual: (gpu) => gpu.utilizationRatio !== null && gpu.utilizationRatio < 0.01 && gpu.processCount > 0,
  },
  memory: {
    label: 'Memory',
    share: memoryShare,
    text: (gpu) => percent(memoryShare(gpu)),
    short: (gpu) => short(memoryShare(gpu)),
    legend: ['0 %', '50 %', '100 %'],
    isUnusual: (gpu) => (memoryShare(gpu) ?? 0) > 0.97,
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
    isUnusual: (gpu) => (gpu.temperatureCelsius ?? 0) >= hotFromCelsius,
  },
  power: {
    label: 'Power',
    share: powerShare,
    text: (gpu) => (gpu.powerWatts === null ? null : formatWatts(gpu.powerWatts)),
    short: (gpu) => (gpu.powerWatts === null ? '' : String(Math.round(gpu.powerWatts))),
    legend: ['0', 'half of limit', 'limit'],
    isUnusual: (gpu) => (powerShare(gpu) ?? 0) > 1.02,
  },
};

/** Reasons that a healthy GPU gives while it idles or is capped by its owner. */
const harmlessReasons: ReadonlySet<string> = new Set([
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'sync_boost',
  'display_clocks_setting',
]);

/** Lost, throttled by heat or hardware, or odd in any of the measures. */
export function isUnusualGpu(gpu: GpuSummary): boolean {
  if (gpu.state !== 'ok') return true;
  if (gpu.throttleReasons?.some((reason) => !harmlessReasons.has(reason)) === true) return true;
  return measureNames.some((name) => measures[name].isUnusual(gpu));
}
