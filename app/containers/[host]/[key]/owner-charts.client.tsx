'use client';
import Link from 'next/link';
import type { HostDetail, OwnerDetail } from '../../../../lib/model/index.ts';
import { ExportMenu } from '../../../components/export-menu.client.tsx';
import { Empty } from '../../../components/page-parts.tsx';
import { useUrlChoice } from '../../../components/url-state.client.ts';
import { apiPath } from '../../../export/curl.ts';
import { containerUseExpressions } from '../../../export/promql.ts';
import { pointsCsv } from '../../../history/chart-export.client.tsx';
import { HistoryPanel } from '../../../history/history-panel.client.tsx';
import { LazyChart } from '../../../history/lazy-chart.client.tsx';
import type { ChartPoint } from '../../../history/points.ts';
import { type RangeName, rangeNames, ranges } from '../../../history/ranges.ts';
import { type History, useHistory } from '../../../history/use-history.client.ts';
import { ownerName } from '../../owner-words.ts';
import { lastSeen, type OwnerFacts, ownerGpuUuids } from './owner-facts.ts';

const own = [
  { metric: 'container_gpu_memory_used_bytes', label: 'GPU memory', unit: 'bytes' },
  { metric: 'container_gpu_utilization_ratio', label: 'SM share', unit: 'ratio' },
] as const;
const ownMetrics = own.map(({ metric }) => metric);
const gpuMetrics = ['gpu_utilization_ratio'];
const noPoints: readonly ChartPoint[] = [];
/** Of an owner that ended, the last hours are more than a quarter of an hour of the time is known to. */
const endedRanges = ['6h', '15m', '1h', '24h', '7d', '30d'] as const satisfies readonly RangeName[];

interface ChartsProps {
  readonly facts: OwnerFacts;
  readonly past: OwnerDetail['past'];
  readonly host: HostDetail | null;
}

interface GpuChartsProps extends ChartsProps {
  readonly uuid: string;
  readonly history: History;
  readonly gpuHistory: History;
  readonly range: RangeName;
}

function Chart(props: {
  readonly label: string;
  readonly unit: string;
  readonly top: number | null;
  readonly history: History;
  readonly metric: string;
  readonly uuid: string;
}) {
  const { label, unit, top, history, metric, uuid } = props;
  return (
    <section className="min-w-0">
      <h4 className="pb-1 text-muted">{label}</h4>
      <LazyChart
        label={`${label} over time`}
        status={history.status}
        className="h-36"
        points={history.lines.get(metric)?.get(uuid) ?? noPoints}
        unit={unit}
        fromMilliseconds={history.fromMilliseconds}
        toMilliseconds={history.toMilliseconds}
        top={top}
        syncId="owner"
        hasTimeAxis
        hasBand
        hasValueAxis
      />
    </section>
  );
}

function GpuLines({ facts, host, uuid, history, gpuHistory, range }: GpuChartsProps) {
  const gpu = host?.gpus.find((each) => each.uuid === uuid);
  const name = gpu?.index === null || gpu === undefined ? uuid : `GPU ${gpu.index}`;
  const points = (metric: string) => history.lines.get(metric)?.get(uuid) ?? noPoints;
  const highest = points('container_gpu_utilization_ratio').reduce(
    (top, { high }) => Math.max(top, high ?? 0),
    0,
  );
  const step = ranges[range].stepSeconds;
  const call = own.map(({ metric, label }) => ({
    label,
    path: apiPath('/api/v1/query_range', {
      metric,
      select: `uuid=${uuid},container_id=${facts.key}`,
      from: history.fromMilliseconds / 1000,
      to: history.toMilliseconds / 1000,
      step,
    }),
  }));
  return (
    <li className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="flex flex-wrap items-center gap-x-2 pb-2">
        <Link
          href={`/gpus/${encodeURIComponent(uuid)}`}
          prefetch={false}
          className="break-all font-medium hover:underline"
        >
          {name}
        </Link>
        <span className="text-muted">{gpu?.name ?? ''}</span>
        <ExportMenu
          isSmall
          name={`${ownerName(facts)} on ${name}`}
          csv={() => pointsCsv(own.map((line) => ({ ...line, points: points(line.metric) })))}
          call={call}
          promql={containerUseExpressions(facts.hostname, ownerName(facts))}
        />
      </h3>
      <div className="grid gap-x-8 gap-y-4 lg:grid-cols-3">
        <Chart
          label="GPU memory"
          unit="bytes"
          top={gpu?.memory.totalBytes ?? null}
          history={history}
          metric="container_gpu_memory_used_bytes"
          uuid={uuid}
        />
        <Chart
          label="SM share"
          unit="ratio"
          top={Math.max(1, highest)}
          history={history}
          metric="container_gpu_utilization_ratio"
          uuid={uuid}
        />
        <Chart
          label="Utilization of the whole GPU"
          unit="ratio"
          top={1}
          history={gpuHistory}
          metric="gpu_utilization_ratio"
          uuid={uuid}
        />
      </div>
    </li>
  );
}

/** What an owner used over time, also after it ended: then the range is the last of its time. */
export function OwnerCharts(props: ChartsProps) {
  const { facts, past } = props;
  const [range, setRange] = useUrlChoice('range', facts.isThere ? rangeNames : endedRanges);
  const uuids = ownerGpuUuids(facts, past);
  const end = facts.isThere ? null : lastSeen(past);
  const endSeconds = end === null ? null : Math.ceil(Date.parse(end) / 1000);
  const gpus = uuids.map((uuid) => `uuid=${uuid}`).join(',');
  const history = useHistory(
    gpus === '' ? '' : `${gpus},container_id=${facts.key}`,
    ownMetrics,
    range,
    endSeconds,
  );
  const gpuHistory = useHistory(gpus, gpuMetrics, range, endSeconds);
  return (
    <HistoryPanel title="Over time" className="mt-4" history={history} range={range} onRange={setRange}>
      {uuids.length === 0 ? (
        <Empty title="It was on no GPU yet">History begins with its first process on a GPU.</Empty>
      ) : (
        <ul>
          {uuids.map((uuid) => (
            <GpuLines
              key={uuid}
              {...props}
              uuid={uuid}
              history={history}
              gpuHistory={gpuHistory}
              range={range}
            />
          ))}
        </ul>
      )}
      <p className="max-w-prose border-t border-line px-4 py-2 text-xs text-muted">
        SM share is its own; the utilization is that of the whole GPU with everyone on it, another measure
        over another window. Neither is scaled to the other.
      </p>
    </HistoryPanel>
  );
}
