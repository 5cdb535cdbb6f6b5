'use client';
import Link from 'next/link';
import { memo, type ReactNode } from 'react';
import {
  type ContainerView,
  type Fault,
  type GpuDetail,
  type Owner,
  powerWattsOf,
} from '../../../lib/model/index.ts';
import { GpuSharing } from '../../components/gpu-sharing.client.tsx';
import { GpuStateBadge } from '../../components/host-state.tsx';
import { Meter } from '../../components/meter.tsx';
import { Value } from '../../components/value.tsx';
import {
  formatBytes,
  formatBytesOf,
  formatCelsius,
  formatPercent,
  formatUnit,
  formatWatts,
} from '../../format/index.ts';
import { emptyWords, whyMissing } from '../../gpus/gpu-missing.ts';
import { ChartExport } from '../../history/chart-export.client.tsx';
import { LazyChart } from '../../history/lazy-chart.client.tsx';
import { LimitKey } from '../../history/limit-key.tsx';
import type { ChartMark } from '../../history/mark-labels.ts';
import type { ChartPoint } from '../../history/points.ts';
import type { RangeName } from '../../history/ranges.ts';
import type { History } from '../../history/use-history.client.ts';
import { Origin } from '../../provenance/provenance.client.tsx';
import { gpuSubject, migSubject, powerSubject } from '../../provenance/subject.ts';

export const hostMetrics = [
  'gpu_utilization_ratio',
  'gpu_memory_used_bytes',
  'gpu_power_watts',
  'gpu_temperature_celsius',
] as const;
type HostMetric = (typeof hostMetrics)[number];

interface GpuRowProps {
  readonly gpu: GpuDetail;
  /** Its own, that still say something of now: the worst first. */
  readonly faults: readonly Fault[];
  readonly containers: readonly ContainerView[];
  readonly owners: readonly Owner[];
  readonly history: History;
  readonly range: RangeName;
  readonly marks: readonly ChartMark[];
  readonly isLast: boolean;
}

const noPoints: readonly ChartPoint[] = [];

interface CellFigure {
  readonly metric: HostMetric;
  readonly label: string;
  readonly unit: string;
  readonly value: ReactNode;
  readonly top: number | null;
  readonly limit: number | null;
  readonly limitLabel?: string;
  /** Whether there is a number of now. */
  readonly isTold: boolean;
}

function figuresOf(gpu: GpuDetail): readonly CellFigure[] {
  const { memory, power, temperature, utilization, current } = gpu;
  const reason = whyMissing(gpu);
  const why = { current, hidesOld: true, ...(reason === null ? {} : { reason }) };
  return [
    {
      metric: 'gpu_utilization_ratio',
      label: 'Utilization',
      unit: 'ratio',
      value: (
        <Origin of={gpuSubject(gpu, 'utilization.gpuRatio', 'Utilization')}>
          <Value
            {...why}
            value={utilization.gpuRatio}
            format={formatPercent}
            testId={`gpu-${gpu.index ?? 'unknown'}-utilization`}
          />
        </Origin>
      ),
      top: 1,
      limit: null,
      isTold: utilization.gpuRatio !== null,
    },
    {
      metric: 'gpu_memory_used_bytes',
      label: 'Memory',
      unit: 'bytes',
      value: (
        <Origin of={gpuSubject(gpu, 'memory.usedBytes', 'Memory used')}>
          <Value
            {...why}
            value={memory.usedBytes}
            format={(used) => formatBytesOf(used, memory.totalBytes ?? used)}
          />
        </Origin>
      ),
      top: memory.totalBytes,
      limit: null,
      isTold: memory.usedBytes !== null,
    },
    {
      metric: 'gpu_power_watts',
      label: 'Power',
      unit: 'watts',
      value: (
        <>
          <Origin of={powerSubject(gpu)}>
            <Value {...why} value={powerWattsOf(gpu)} format={formatWatts} />
          </Origin>
        </>
      ),
      top: power.limitWatts === null ? null : power.limitWatts * 1.1,
      limit: power.limitWatts,
      isTold: powerWattsOf(gpu) !== null,
    },
    {
      metric: 'gpu_temperature_celsius',
      label: 'Temperature',
      unit: 'celsius',
      value: (
        <Origin of={gpuSubject(gpu, 'temperature.gpuCelsius', 'Temperature')}>
          <Value {...why} value={temperature.gpuCelsius} format={formatCelsius} />
        </Origin>
      ),
      top: 100,
      limit: temperature.slowdownCelsius,
      limitLabel: 'slows down at',
      isTold: temperature.gpuCelsius !== null,
    },
  ];
}

/** Reasons that say nothing is wrong. */
const quietReasons: ReadonlySet<string> = new Set(['gpu_idle', 'applications_clocks_setting']);

const exportedLines = [
  { metric: 'gpu_utilization_ratio', label: 'Utilization', unit: 'ratio' },
  { metric: 'gpu_memory_used_bytes', label: 'Memory used', unit: 'bytes' },
  { metric: 'gpu_power_watts', label: 'Power', unit: 'watts' },
  { metric: 'gpu_temperature_celsius', label: 'Temperature', unit: 'celsius' },
] as const;

function GpuName({ gpu, faults, history, range }: Pick<GpuRowProps, 'gpu' | 'faults' | 'history' | 'range'>) {
  const throttled = gpu.current
    ? (gpu.throttleReasons ?? []).filter((reason) => !quietReasons.has(reason))
    : [];
  return (
    <div className="min-w-0">
      <div className="flex items-baseline gap-2">
        <Link
          href={`/gpus/${encodeURIComponent(gpu.uuid ?? '')}`}
          prefetch={false}
          data-row-link
          className="font-medium hover:underline"
        >
          GPU {gpu.index ?? '?'}
        </Link>
        {gpu.state === 'ok' ? null : (
          <GpuStateBadge state={gpu.state} reason={gpu.failure?.message ?? null} />
        )}
        <span className="self-center max-lg:ml-auto">
          <ChartExport
            of={`${gpu.hostname} GPU ${gpu.index ?? '?'}`}
            gpuUuid={gpu.uuid ?? ''}
            lines={exportedLines}
            history={history}
            range={range}
          />
        </span>
      </div>
      <p className="text-muted" title={gpu.uuid ?? undefined}>
        {gpu.name?.replace(/^NVIDIA /, '') ?? 'unknown model'}
      </p>
      {faults.length === 0 ? null : (
        <ul className="grid gap-0.5 text-xs" data-testid="gpu-faults">
          {faults.map(({ key, severity, title }) => (
            <li key={key} className={severity === 'critical' ? 'text-crit' : 'text-warn'}>
              <Link
                href={`/hosts/${encodeURIComponent(gpu.hostId)}?tab=faults#more`}
                prefetch={false}
                className="break-words hover:underline"
              >
                {title}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {throttled.length === 0 ? null : (
        <p className="text-xs text-warn">
          <Origin of={gpuSubject(gpu, 'throttleReasons', 'Throttle reasons')}>
            throttled: {throttled.join(', ').replaceAll('_', ' ')}
          </Origin>
        </p>
      )}
      {gpu.state === 'ok' || gpu.failure === null || faults.length > 0 ? null : (
        <p className="break-words text-xs text-crit">{gpu.failure.message}</p>
      )}
    </div>
  );
}

function MigDevices({ gpu }: { gpu: GpuDetail }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
      {gpu.migDevices.map((device, position) => {
        const { usedBytes, totalBytes } = device.memory;
        return (
          <li
            key={device.index}
            title={device.uuid ?? undefined}
            className="inline-flex items-center gap-1.5"
          >
            <span className="font-mono">{device.profile ?? `instance ${device.index}`}</span>
            <Meter
              className="w-12"
              parts={
                usedBytes === null || !totalBytes || !gpu.current
                  ? []
                  : [
                      {
                        key: 'used',
                        ratio: usedBytes / totalBytes,
                        look: 'solid',
                        title: formatBytes(usedBytes),
                      },
                    ]
              }
            />
            <span className="text-muted">
              <Origin of={migSubject(gpu, position, 'usedBytes')}>
                <Value
                  value={usedBytes}
                  current={gpu.current}
                  hidesOld
                  format={(used) => formatBytesOf(used, totalBytes ?? used)}
                />
              </Origin>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function GpuRowLines({ gpu, faults, containers, owners, history, range, marks, isLast }: GpuRowProps) {
  const name = `GPU ${gpu.index ?? '?'}`;
  return (
    <li className="grid gap-x-5 gap-y-2 border-b border-line px-4 py-3 last:border-b-0 lg:grid-cols-[11rem_1fr]">
      <GpuName gpu={gpu} faults={faults} history={history} range={range} />
      <div className="grid min-w-0 gap-2">
        <div className="grid grid-cols-2 gap-x-5 gap-y-3 xl:grid-cols-4">
          {figuresOf(gpu).map((figure) => (
            <div key={figure.metric} className="min-w-0">
              <div className="flex flex-wrap items-baseline justify-between gap-x-2">
                <span className="text-xs text-muted">{figure.label}</span>
                <LimitKey
                  words={figure.limitLabel ?? 'limit'}
                  value={figure.limit === null ? null : formatUnit(figure.limit, figure.unit)}
                />
                <span>{figure.value}</span>
              </div>
              <LazyChart
                label={`${figure.label} of ${name} over time`}
                status={history.status}
                className={isLast ? 'h-[4.75rem]' : 'h-14'}
                points={history.lines.get(figure.metric)?.get(gpu.uuid ?? '') ?? noPoints}
                unit={figure.unit}
                fromMilliseconds={history.fromMilliseconds}
                toMilliseconds={history.toMilliseconds}
                top={figure.top}
                limit={figure.limit}
                emptyWords={emptyWords(gpu, figure.isTold)}
                syncId="host"
                marks={marks}
                hasTimeAxis={isLast}
                hasBand={false}
                hasValueAxis={false}
              />
            </div>
          ))}
        </div>
        {gpu.migDevices.length === 0 ? null : <MigDevices gpu={gpu} />}
        {gpu.current ? <GpuSharing gpu={gpu} host={{ containers, owners }} /> : null}
      </div>
    </li>
  );
}

/** One GPU: what it does now, over time, and for whom. */
export const GpuRow = memo(GpuRowLines);
