'use client';
import { type GpuDetail, powerWattsOf } from '../../../lib/model/index.ts';
import { Segments } from '../../components/choice.client.tsx';
import { Panel } from '../../components/page-parts.tsx';
import { useUrlChoice } from '../../components/url-state.client.ts';
import { Value } from '../../components/value.tsx';
import { formatPercent, formatUnit } from '../../format/index.ts';
import { LazyChart } from '../../history/lazy-chart.client.tsx';
import type { ChartPoint } from '../../history/points.ts';
import { rangeNames } from '../../history/ranges.ts';
import { useHistory } from '../../history/use-history.client.ts';

interface ChartSpec {
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
  readonly top: (gpu: GpuDetail) => number | null;
  readonly limit?: (gpu: GpuDetail) => number | null;
  readonly now: (gpu: GpuDetail) => number | null;
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
    isTold: always,
  },
  {
    metric: 'gpu_memory_used_bytes',
    label: 'Memory used',
    unit: 'bytes',
    top: (gpu) => gpu.memory.totalBytes,
    now: (gpu) => gpu.memory.usedBytes,
    isTold: always,
  },
  {
    metric: 'gpu_power_watts',
    label: 'Power',
    unit: 'watts',
    top: (gpu) => (gpu.power.limitWatts === null ? null : gpu.power.limitWatts * 1.1),
    limit: (gpu) => gpu.power.limitWatts,
    now: powerWattsOf,
    isTold: always,
  },
  {
    metric: 'gpu_temperature_celsius',
    label: 'Temperature',
    unit: 'celsius',
    top: () => 100,
    limit: (gpu) => gpu.temperature.slowdownCelsius,
    now: (gpu) => gpu.temperature.gpuCelsius,
    isTold: always,
  },
  {
    metric: 'gpu_sm_clock_hertz',
    label: 'SM clock',
    unit: 'hertz',
    top: (gpu) => gpu.clocks.maxSmHertz,
    now: (gpu) => gpu.clocks.smHertz,
    isTold: always,
  },
  {
    metric: 'gpu_memory_utilization_ratio',
    label: 'Memory bandwidth',
    unit: 'ratio',
    top: () => 1,
    now: (gpu) => gpu.utilization.memoryRatio,
    isTold: (gpu) => gpu.utilization.memoryRatio !== null,
  },
  {
    metric: 'gpu_memory_temperature_celsius',
    label: 'Memory temperature',
    unit: 'celsius',
    top: () => 110,
    now: (gpu) => gpu.temperature.memoryCelsius,
    isTold: (gpu) => gpu.temperature.memoryCelsius !== null,
  },
  {
    metric: 'gpu_fan_ratio',
    label: 'Fan',
    unit: 'ratio',
    top: () => 1,
    now: (gpu) => gpu.fanRatio,
    isTold: (gpu) => gpu.fanRatio !== null,
  },
];

const metrics = specs.map((spec) => spec.metric);
const noPoints: readonly ChartPoint[] = [];

/** Everything that is kept of a GPU over time, on one time axis with one cursor. */
export function GpuCharts({ gpu }: { gpu: GpuDetail }) {
  const [range, setRange] = useUrlChoice('range', rangeNames);
  const history = useHistory(`uuid=${gpu.uuid ?? ''}`, metrics, range);
  return (
    <Panel
      title="Over time"
      aside={
        <Segments
          label="Range"
          value={range}
          choices={rangeNames.map((name) => [name, name])}
          onChange={setRange}
        />
      }
    >
      {history.problem === null ? null : (
        <p role="alert" className="border-b border-line px-4 py-2 text-warn">
          History could not be read: {history.problem}. It is asked for again by itself.
        </p>
      )}
      <div className="grid gap-x-8 gap-y-5 p-4 lg:grid-cols-2">
        {specs
          .filter((spec) => spec.isTold(gpu))
          .map((spec) => (
            <section key={spec.metric} className="min-w-0">
              <div className="flex items-baseline justify-between pb-1">
                <h3 className="text-muted">{spec.label}</h3>
                <Value
                  value={spec.now(gpu)}
                  current={gpu.current}
                  hidesOld
                  format={(value) =>
                    spec.unit === 'ratio' ? formatPercent(value) : formatUnit(value, spec.unit)
                  }
                />
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
                syncId="gpu"
                hasTimeAxis
                hasBand
                hasValueAxis
              />
            </section>
          ))}
      </div>
    </Panel>
  );
}
