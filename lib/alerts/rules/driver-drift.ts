import type { AlertFacts, DriftFinding } from '../../model/index.ts';
import type { Condition, Rule } from './rule.ts';
import { tellsItsSoftware } from './silent-hosts.ts';

const name = 'driver-drift';

function factsOf(finding: DriftFinding): AlertFacts {
  const { hostname, group, expected, actual, previous } = finding;
  const before = previous === null || previous === actual ? '' : ` (it was ${previous})`;
  return {
    severity: 'warning',
    cause: `Driver of group ${group} is not ${expected}`,
    what: `${hostname} has driver ${actual}${before}; the ${finding.baseline} baseline of group ${group} is ${expected}`,
    hosts: [{ id: finding.hostId, hostname }],
    since: finding.since,
    whyItMatters:
      'Hosts of one group are taken for the same: a container that runs on one may fail to start, or fall back to the CPU, on another whose driver differs.',
    whatToDo: `Install driver ${expected} on ${hostname}; or, if ${actual} is meant, accept it as the group’s baseline on the Versions page.`,
    href: `/hosts/${encodeURIComponent(finding.hostId)}?tab=stack`,
  };
}

/**
 * A driver that is not the group's baseline, where a person declared or accepted one. An inferred one pages nobody. A
 * finding stays while its host is silent or its driver fails, so none means that the driver or the baseline changed.
 */
export const driverDrift: Rule = {
  name,
  severity: 'warning',
  watches: 'A host’s driver differs from the baseline that a person declared or accepted for its group.',
  afterSeconds: (times) => times.driftSeconds,
  cleared: 'the driver is the one of the baseline',
  evaluate({ reading, tracked }) {
    const conditions: Condition[] = [];
    const found = new Set<string>();
    for (const finding of reading.drift) {
      if (finding.facet !== 'driver' || finding.baseline === 'inferred') continue;
      const host = reading.hosts.get(finding.hostId);
      if (host === undefined || found.has(finding.hostId)) continue;
      found.add(finding.hostId);
      conditions.push(
        tellsItsSoftware(host, reading)
          ? { subject: finding.hostId, verdict: 'holds', facts: factsOf(finding) }
          : { subject: finding.hostId, verdict: 'unknown' },
      );
    }
    for (const id of tracked(name).keys())
      if (!reading.hosts.has(id))
        conditions.push({ subject: id, verdict: 'ended', reason: 'the host was removed' });
    return conditions;
  },
};
