'use client';
import { useMemo } from 'react';
import { countPci, type Fault, type HostDetail, isFreshFault } from '../../../lib/model/index.ts';
import { ExactTime } from '../../components/exact-time.client.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { useUrlChoice } from '../../components/url-state.client.ts';
import { HistoryPanel } from '../../history/history-panel.client.tsx';
import type { ChartMark } from '../../history/mark-labels.ts';
import { rangeNames } from '../../history/ranges.ts';
import { type History, useHistory } from '../../history/use-history.client.ts';
import { useMarks } from '../../history/use-marks.client.ts';
import { useHubNow } from '../../stream/hooks.client.ts';
import { GpuRow, hostMetrics } from './gpu-row.client.tsx';

/** Which number counts when nvidia-smi and the PCI bus do not agree. */
function gpusTitle(host: HostDetail): string {
  const { own, answering } = countPci(host.pciGpus ?? [], host.gpus, host.current);
  const isAsked = !['paused', 'starting', 'gone', 'late'].includes(host.state);
  // Where no bus tells of them (WSL, Jetson) what nvidia-smi lists is all there is.
  return isAsked && own > answering && own > 0
    ? `GPUs (${own} on the PCI bus, ${answering} answer${answering === 1 ? 's' : ''})`
    : `GPUs (${host.gpus.length})`;
}

const noFaults: readonly Fault[] = [];
const mostFaultsOfGpu = 3;

/** By GPU; the same lists until the host's faults change, so that a row is drawn again only for its own. */
function useFreshFaults(host: HostDetail, now: number): ReadonlyMap<string | null, readonly Fault[]> {
  const fresh = host.faults.filter(
    (fault) => isFreshFault(fault, now) && (fault.count !== null || host.current),
  );
  const told = JSON.stringify(
    fresh.map(({ gpuUuid, key, severity, title }) => [gpuUuid, key, severity, title]),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `told` stands for what rows show of the faults
  return useMemo(() => {
    const byGpu = Map.groupBy(fresh, ({ gpuUuid }) => gpuUuid);
    return new Map([...byGpu].map(([uuid, own]) => [uuid, own.slice(0, mostFaultsOfGpu)] as const));
  }, [told]);
}

/** What the dotted lines across the small charts are, said once for all of them. */
function MarksKey({ marks, history }: { marks: readonly ChartMark[]; history: History }) {
  const seen = marks.filter(({ at }) => at > history.fromMilliseconds && at < history.toMilliseconds);
  if (seen.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-xs text-muted">
      {seen
        .toSorted((a, b) => a.at - b.at)
        .map(({ at, label }) => (
          <li key={`${at} ${label}`} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="h-3 border-l border-dotted border-muted" />
            {label} <ExactTime at={new Date(at).toISOString()} />
          </li>
        ))}
    </ul>
  );
}

/** The GPUs of a host, one row a GPU, on one time axis. */
export function HostGpus({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const [range, setRange] = useUrlChoice('range', rangeNames);
  const history = useHistory(`host=${host.id}`, hostMetrics, range);
  const marks = useMarks(host);
  const now = useHubNow(serverTime);
  const faultsOf = useFreshFaults(host, now);
  return (
    <HistoryPanel title={gpusTitle(host)} history={history} range={range} onRange={setRange}>
      {host.gpus.length === 0 ? (
        <Empty title="No GPU in the last report">{host.stateReason}</Empty>
      ) : (
        <ul>
          {host.gpus.map((gpu, index) => (
            <GpuRow
              key={gpu.uuid ?? index}
              gpu={gpu}
              faults={faultsOf.get(gpu.uuid) ?? noFaults}
              containers={host.containers}
              owners={host.owners}
              history={history}
              range={range}
              marks={marks}
              isLast={index === host.gpus.length - 1}
            />
          ))}
        </ul>
      )}
      <MarksKey marks={marks} history={history} />
    </HistoryPanel>
  );
}
