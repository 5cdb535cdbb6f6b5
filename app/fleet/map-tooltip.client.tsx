'use client';
import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { gpuStanding, standingOf, standingWhy } from '../components/host-standing.ts';
import { GpuStateBadge, HostStateBadge } from '../components/host-state.tsx';
import { notAvailable, Value } from '../components/value.tsx';
import { formatBytesOf, formatCelsius, formatPercent, formatWatts } from '../format/index.ts';
import type { MapLayout } from './map-layout.ts';
import { whyMissing } from './oddities.ts';
import { Oddities } from './oddity-lines.tsx';

/** What the tooltip is about; `cell` is -1 for the host itself. */
export interface Tip {
  readonly cell: number;
  readonly hostId: string;
}

interface MapTooltipProps {
  readonly tip: Tip;
  readonly layout: MapLayout;
  readonly host: HostSummary | undefined;
  readonly announce: boolean;
  readonly serverTime: string;
}

function GpuLines({ gpu, reason }: { gpu: GpuSummary; reason: string }) {
  const memory =
    gpu.memoryUsedBytes === null || gpu.memoryTotalBytes === null
      ? null
      : formatBytesOf(gpu.memoryUsedBytes, gpu.memoryTotalBytes);
  const lines = [
    ['Utilization', <Value key="u" reason={reason} value={gpu.utilizationRatio} format={formatPercent} />],
    ['Memory', <Value key="m" reason={reason} value={memory} format={(text) => text} />],
    ['Temperature', <Value key="t" reason={reason} value={gpu.temperatureCelsius} format={formatCelsius} />],
    ['Power', <Value key="p" reason={reason} value={gpu.powerWatts} format={formatWatts} />],
  ] as const;
  return (
    <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3">
      {lines.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="text-right">{value}</dd>
        </div>
      ))}
      {gpu.migDevices.length === 0 ? null : (
        <>
          <dt className="text-muted">MIG</dt>
          <dd className="text-right">{gpu.migDevices.map((device) => device.profile ?? '?').join(' ')}</dd>
        </>
      )}
    </dl>
  );
}

const tooltipWidth = 240;

/** Beside the cell, never over it, and never in the way of the pointer. */
export function MapTooltip({ tip, layout, host, announce, serverTime }: MapTooltipProps) {
  const cell = layout.cells[tip.cell];
  const box = layout.hosts.find((candidate) => candidate.hostId === tip.hostId);
  if (host === undefined || box === undefined) return null;
  const gpu = cell === undefined ? undefined : host.gpus.find((candidate) => candidate.uuid === cell.uuid);
  const x = cell?.x ?? box.x;
  const y =
    (cell?.y ?? box.y) + (cell === undefined ? layout.density.labelHeight : layout.density.cellHeight) + 6;
  const left = Math.max(0, Math.min(x, layout.width - tooltipWidth));
  return (
    <>
      {cell === undefined ? null : (
        <div
          aria-hidden
          className="pointer-events-none absolute rounded-[2px] outline-2 outline-accent"
          style={{
            left: cell.x,
            top: cell.y,
            width: layout.density.cellWidth,
            height: layout.density.cellHeight,
          }}
        />
      )}
      <div
        role={announce ? 'status' : undefined}
        className="pointer-events-none absolute z-10 rounded-md border border-line bg-surface p-2.5 text-xs shadow-lg"
        style={{ left, top: y, width: tooltipWidth }}
      >
        <div className="flex items-baseline justify-between gap-2">
          <span className="truncate font-medium">
            {host.hostname}
            {gpu === undefined ? '' : ` GPU ${gpu.index ?? '?'}`}
          </span>
          {gpu !== undefined && gpu.state !== 'ok' ? (
            <GpuStateBadge state={gpu.state} />
          ) : (
            <HostStateBadge state={gpu === undefined ? standingOf(host) : gpuStanding(host, gpu)} />
          )}
        </div>
        <div className="truncate text-muted">
          {gpu === undefined ? (standingWhy(host) ?? host.stateReason) : (gpu.name ?? 'unknown model')}
        </div>
        {gpu === undefined ? null : <Oddities gpu={gpu} className="mt-0.5" />}
        {gpu === undefined ? null : <GpuLines gpu={gpu} reason={whyMissing(host, gpu) ?? notAvailable} />}
        <div className="mt-1 text-muted">
          <Age at={host.lastReportAt} serverTime={serverTime} prefix="reported" />
        </div>
      </div>
    </>
  );
}
