import type { FleetReading, HostReading, RuleContext } from './rule.ts';

export const isHeard = (host: HostReading, reading: FleetReading): boolean =>
  host.receivedAtMillis !== null && host.receivedAtMillis >= reading.listeningFromMillis;

/**
 * Whether a host is gone. A host that the hub has not heard since it listens may be waiting to try again, so it is
 * unknown until the longest such wait is over.
 */
export function presenceOf(host: HostReading, context: RuleContext): 'here' | 'gone' | 'unknown' {
  const { reading, nowMillis, times } = context;
  const heard = isHeard(host, reading);
  if (host.state !== 'gone') return heard ? 'here' : 'unknown';
  const listenedMillis = nowMillis - reading.listeningFromMillis;
  return heard || listenedMillis >= times.returnSeconds * 1000 ? 'gone' : 'unknown';
}

/** Whether what its last report says of its software is of now; while it is paused, its driver may be in the middle of an upgrade. */
export const tellsItsSoftware = (host: HostReading, reading: FleetReading): boolean =>
  isHeard(host, reading) && host.state !== 'gone' && host.state !== 'late' && host.state !== 'paused';
