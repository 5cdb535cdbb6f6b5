import type { AlertFacts } from '../../model/index.ts';
import type { HostReading, Rule } from './rule.ts';
import { presenceOf } from './silent-hosts.ts';

export const hubOrNetworkName = 'hub-or-network';
const subject = 'fleet';
const shareOfHosts = 0.2;
/** Two names are read as quickly as one sentence about them, so below three each host speaks for itself. */
const fewestHosts = 3;
const fewestOfAll = 2;
/** A shorter wait than a host's own, so that hosts are still pending when they are found to be many. */
const shareOfHostWait = 0.5;

/** Many, or all there are. */
const areMany = (lost: number, all: number): boolean =>
  (lost >= fewestHosts && lost > all * shareOfHosts) || (lost >= fewestOfAll && lost === all);

/** Hosts of every stretch of one window in which many were lost. */
function lostTogether(gone: readonly HostReading[], all: number, windowMillis: number): Set<string> {
  const sorted = [...gone].sort((a, b) => a.stateSinceMillis - b.stateSinceMillis);
  const together = new Set<string>();
  let from = 0;
  for (const [to, last] of sorted.entries()) {
    while (last.stateSinceMillis - (sorted[from]?.stateSinceMillis ?? 0) > windowMillis) from += 1;
    if (areMany(to - from + 1, all)) for (const host of sorted.slice(from, to + 1)) together.add(host.id);
  }
  return together;
}

/** Adds those that were lost within a window of one that belongs to it already. */
function withStragglers(members: Set<string>, gone: readonly HostReading[], windowMillis: number): void {
  const times = gone.filter(({ id }) => members.has(id)).map((host) => host.stateSinceMillis);
  for (const host of [...gone].sort((a, b) => a.stateSinceMillis - b.stateSinceMillis)) {
    if (members.has(host.id)) continue;
    if (!times.some((time) => Math.abs(host.stateSinceMillis - time) <= windowMillis)) continue;
    members.add(host.id);
    times.push(host.stateSinceMillis);
  }
}

/** Those that are still away, with the moment at which the first of all was lost. */
function factsOf(members: readonly HostReading[], all: number, before: AlertFacts | undefined): AlertFacts {
  const first = new Date(Math.min(...members.map((host) => host.stateSinceMillis))).toISOString();
  return {
    severity: 'critical',
    cause: 'Hub or network',
    what: `${members.length} of ${all} hosts stopped reporting together`,
    hosts: members.map(({ id, hostname }) => ({ id, hostname })),
    since: before === undefined || first < before.since ? first : before.since,
    whyItMatters:
      'Hosts rarely fail together: what they share is likelier, such as a switch, a firewall, DNS, the power of a rack, or the network of the hub itself.',
    whatToDo:
      'Look at what these hosts share. From one of them, ask the hub’s /healthz; if that answers, look at its agent. This resolves when they report again; those that stay away then alert one by one.',
    href: '/hosts?group=state',
  };
}

/** Over 20 % of the hosts lost within a minute are one alert instead of many. */
export const hubOrNetwork: Rule = {
  name: hubOrNetworkName,
  severity: 'critical',
  watches: 'Over 20 % of the hosts, and at least three, stop reporting within a minute: one alert for all.',
  afterSeconds: (times) => times.hostGoneSeconds * shareOfHostWait,
  cleared: 'most of the hosts report again',
  evaluate(context) {
    const { reading, times, tracked } = context;
    const windowMillis = times.hostGoneSeconds * 1000;
    const own = tracked(hubOrNetworkName).get(subject);
    const alone = tracked('host-gone');
    const counted = [...reading.hosts.values()].filter(
      (host) => !host.inMaintenance && alone.get(host.id)?.phase !== 'firing',
    );
    const gone = counted.filter((host) => presenceOf(host, context) === 'gone');
    const members = lostTogether(gone, counted.length, windowMillis);
    // A host that came back and is lost once more later is a matter of its own.
    for (const { id } of own?.facts.hosts ?? []) {
      const host = reading.hosts.get(id);
      if (host !== undefined && presenceOf(host, context) !== 'here') members.add(id);
    }
    if (members.size === 0) return [];
    withStragglers(members, gone, windowMillis);
    const known = counted.filter(({ id }) => members.has(id));
    const lost = gone.filter(({ id }) => members.has(id)).length;
    if (areMany(lost, counted.length))
      return [{ subject, verdict: 'holds', facts: factsOf(known, counted.length, own?.facts) }];
    const unknown = known.filter((host) => presenceOf(host, context) === 'unknown').length;
    return areMany(lost + unknown, counted.length) ? [{ subject, verdict: 'unknown' }] : [];
  },
};
