import type { Fleet } from '../../fleet/index.ts';
import type { HostNow } from './tracked-host.ts';

/** A report that took longer than this many intervals, and than this, tells what was and not what is. */
const freshIntervals = 3;
const freshMillis = 15_000;

/** What a host says now of its versions; null for one that the fleet does not know. */
export function hostNow(fleet: Fleet, hostId: string): HostNow | null {
  const summary = fleet.summary(hostId);
  if (summary === null) return null;
  const last = fleet.lastReport(hostId);
  const isHeard = fleet.clockOffset(hostId) !== null;
  const reporting = isHeard && summary.state !== 'gone';
  const { id, hostname, group, intervalSeconds } = summary;
  const delayMillis = last === null ? 0 : last.receivedAtMillis - last.takenAtMillis;
  return {
    id,
    hostname,
    group,
    reporting,
    report:
      last === null ? null : { ...last.report, software: last.software, agentVersion: last.agent.version },
    receivedAtMillis: last?.receivedAtMillis ?? null,
    isLive: reporting && delayMillis <= Math.max(freshMillis, freshIntervals * intervalSeconds * 1000),
  };
}
