'use client';
import { type GpuDetail, type HostDetail, powerWattsOf } from '../../../lib/model/index.ts';
import { useUrlChoice } from '../../components/url-state.client.ts';
import { notAvailable, Value } from '../../components/value.tsx';
import { formatPercent, formatUnit } from '../../format/index.ts';
import { ChartExport } from '../../history/chart-export.client.tsx';
import { HistoryPanel } from '../../history/history-panel.client.tsx';
import { LazyChart } from '../../history/lazy-chart.client.tsx';
import { LimitKey } from '../../history/limit-key.tsx';
import type { ChartPoint } from '../../history/points.ts';
import { rangeNames } from '../../history/ranges.ts';
import { useHistory } from '../../history/use-history.client.ts';
import { useMarks } from '../../history/use-marks.client.ts';
import { Origin } from '../../provenance/provenance.client.tsx';
import { gpuSubject, powerSubject, type Subject } from '../../provenance/subject.ts';
import { emptyWords, whyMissing } from '../gpu-missing.ts';

interface ChartSpec {
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
  readonly top: (gpu: GpuDetail) => number | null;
  readonly limit?: (gpu: GpuDetail) => number | null;
  /** What its dashed line is. */
  readonly limitLabel?: string;
  readonly now: (gpu: GpuDetail) => number | null;
  /** Where the number of now comes from. */
  readonly origin: (gpu: GpuDetail) => Subject;
  /** Null values now and in history: the chart is left out. */
  readonly isTold: (gpu: GpuDetail) => boolean;
}

const always = () => true;

const specs: readonly ChartSpec[] = [
  {
    metric: 'gpu_utilization_ratio',
    label: 'Utilization',
    unit: 'ratio',
    top: () => 1,
    now: (gpu) => gpu.utilization.gpuRatio,
    origin: (gpu) => gpuSubject(gpu, 'utilization.gpuRatio', 'Utilization'),
    isTold: always,
  },
  {
    metric: 'gpu_memory_used_bytes',
    label: 'Memory used',
    unit: 'bytes',
    top: (gpu) => gpu.memory.totalBytes,
    now: (gpu) => gpu.memory.usedBytes,
    origin: (gpu) => gpuSubject(gpu, 'memory.usedBytes', 'Memory used'),
    isTold: always,
  },
  {
    metric: 'gpu_power_watts',
    label: 'Power',
    unit: 'watts',
    top: (gpu) => (gpu.power.limitWatts === null ? null : gpu.power.limitWatts * 1.1),
    limit: (gpu) => gpu.power.limitWatts,
    limitLabel: 'power limit',
    now: powerWattsOf,
    origin: powerSubject,
    isTold: always,
  },
  {
    metric: 'gpu_temperature_celsius',
    label: 'Temperature',
    unit: 'celsius',
    top: () => 100,
    limit: (gpu) => gpu.temperature.slowdownCelsius,
    limitLabel: 'slows down at',
    now: (gpu) => gpu.temperature.gpuCelsius,
    origin: (gpu) => gpuSubject(gpu, 'temperature.gpuCelsius', 'Temperature'),
    isTold: always,
  },
  {
    metric: 'gpu_sm_clock_hertz',
    label: 'SM clock',
    unit: 'hertz',
    top: (gpu) => gpu.clocks.maxSmHertz,
    now: (gpu) => gpu.clocks.smHertz,
    origin: (gpu) => gpuSubject(gpu, 'clocks.smHertz', 'SM clock'),
    isTold: always,
  },
  {
    metric: 'gpu_memory_utilization_ratio',
    label: 'Memory bandwidth',
    unit: 'ratio',
    top: () => 1,
    now: (gpu) => gpu.utilization.memoryRatio,
    origin: (gpu) => gpuSubject(gpu, 'utilization.memoryRatio', 'Memory bandwidth'),
    isTold: (gpu) => gpu.utilization.memoryRatio !== null,
  },
  {
    metric: 'gpu_memory_temperature_celsius',
    label: 'Memory temperature',
    unit: 'celsius',
    top: () => 110,
    now: (gpu) => gpu.temperature.memoryCelsius,
    origin: (gpu) => gpuSubject(gpu, 'temperature.memoryCelsius', 'Memory temperature'),
    isTold: (gpu) => gpu.temperature.memoryCelsius !== null,
  },
  {
    metric: 'gpu_fan_ratio',
    label: 'Fan',
    unit: 'ratio',
    top: () => 1,
    now: (gpu) => gpu.fanRatio,
    origin: (gpu) => gpuSubject(gpu, 'fanRatio', 'Fan'),
    isTold: (gpu) => gpu.fanRatio !== null,
  },
];

const metrics = specs.map((spec) => spec.metric);
const noPoints: readonly ChartPoint[] = [];

function limitText({ limit, unit }: ChartSpec, gpu: GpuDetail): string | null {
  const value = limit?.(gpu) ?? null;
  return value === null ? null : formatUnit(value, unit);
}

/** Everything that is kept of a GPU over time, on one time axis with one cursor. */
export function GpuCharts({ gpu, host }: { gpu: GpuDetail; host: HostDetail }) {
  const [range, setRange] = useUrlChoice('range', rangeNames);
  const history = useHistory(`uuid=${gpu.uuid ?? ''}`, metrics, range);
  const marks = useMarks(host);
  return (
    <HistoryPanel title="Over time" history={history} range={range} onRange={setRange}>
      <div className="grid gap-x-8 gap-y-5 p-4 lg:grid-cols-2">
        {specs
          .filter((spec) => spec.isTold(gpu))
          .map((spec) => (
            <section key={spec.metric} className="min-w-0">
              <div className="flex items-center gap-1.5 pb-1">
                <h3 className="text-muted">{spec.label}</h3>
                <ChartExport
                  of={`${gpu.hostname} GPU ${gpu.index ?? '?'}`}
                  gpuUuid={gpu.uuid ?? ''}
                  lines={[spec]}
                  history={history}
                  range={range}
                />
                <LimitKey words={spec.limitLabel ?? 'limit'} value={limitText(spec, gpu)} />
                <span className="ml-auto">
                  <Origin of={spec.origin(gpu)}>
                    <Value
                      value={spec.now(gpu)}
                      current={gpu.current}
                      hidesOld
                      reason={whyMissing(gpu) ?? notAvailable}
                      format={(value) =>
                        spec.unit === 'ratio' ? formatPercent(value) : formatUnit(value, spec.unit)
                      }
                    />
                  </Origin>
                </span>
              </div>
              <LazyChart
                label={`${spec.label} over time`}
                status={history.status}
                className="h-40"
                points={history.lines.get(spec.metric)?.get(gpu.uuid ?? '') ?? noPoints}
                unit={spec.unit}
                fromMilliseconds={history.fromMilliseconds}
                toMilliseconds={history.toMilliseconds}
                top={spec.top(gpu)}
                limit={spec.limit?.(gpu) ?? null}
                emptyWords={emptyWords(gpu, spec.now(gpu) !== null)}
                syncId="gpu"
                marks={marks}
                hasTimeAxis
                hasBand
                hasValueAxis
              />
            </section>
          ))}
      </div>
    </HistoryPanel>
  );
}
