import type { HostDetail } from '../../lib/model/index.ts';
import type { ChartMark } from './mark-labels.ts';

/** More would hide the lines. */
const mostFaultMarks = 8;

/** The newest Xids, each at its last time: the hub's clock told it. */
function faultMarks({ faults }: HostDetail): readonly (readonly [at: number | null, label: string])[] {
  return faults
    .filter(({ kind, severity, lastAt }) => kind === 'xid' && severity !== 'info' && lastAt !== null)
    .toSorted((a, b) => ((a.lastAt ?? '') < (b.lastAt ?? '') ? 1 : -1))
    .slice(0, mostFaultMarks)
    .map(({ xid, gpuIndex, lastAt }) => [
      Date.parse(lastAt ?? ''),
      `Xid ${xid}${gpuIndex === null ? '' : ` GPU ${gpuIndex}`}`,
    ]);
}

/** What happened to a host and shows in its lines: its boot, its agent's start, Xids, the beginning of what is wrong now. */
export function marksOf(host: HostDetail): readonly ChartMark[] {
  const offsetMilliseconds = (host.clockOffsetSeconds ?? 0) * 1000;
  // The host's clock told the first two; lines are on the hub's.
  const onHub = (iso: string | null | undefined): number | null =>
    iso === null || iso === undefined ? null : Date.parse(iso) - offsetMilliseconds;
  const all: readonly (readonly [at: number | null, label: string])[] = [
    [onHub(host.stack?.bootedAt), 'booted'],
    [onHub(host.agent?.startedAt), 'agent started'],
    [host.state === 'ok' ? null : Date.parse(host.stateSince), host.state.replaceAll('-', ' ')],
    ...faultMarks(host),
  ];
  return all.flatMap(([at, label]) => (at === null || Number.isNaN(at) ? [] : [{ at, label }]));
}
