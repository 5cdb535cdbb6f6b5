import type { AlertFacts, StackIssue, StackIssueKind } from '../../model/index.ts';
import type { Condition, FleetReading, Rule } from './rule.ts';
import { tellsItsSoftware } from './silent-hosts.ts';

function factsOf(issue: StackIssue, cause: string, reading: FleetReading): AlertFacts {
  const { hostId, hostname, severity, what, why, fix, since } = issue;
  const seen = reading.hosts.get(hostId)?.stateSinceMillis ?? reading.listeningFromMillis;
  return {
    severity: severity === 'critical' ? 'critical' : 'warning',
    cause,
    what: `${hostname}: ${what}`,
    hosts: [{ id: hostId, hostname }],
    since: since ?? new Date(seen).toISOString(),
    whyItMatters: why,
    whatToDo: fix.join(' '),
    href: `/hosts/${encodeURIComponent(hostId)}?tab=stack`,
  };
}

/** A rule that is told by issues of some kinds of a host's software: they go on while its host is silent. */
export function ofIssues(
  rule: Omit<Rule, 'evaluate'>,
  kinds: readonly StackIssueKind[],
  cause: string,
): Rule {
  return {
    ...rule,
    evaluate({ reading, tracked }) {
      const conditions = new Map<string, Condition>();
      for (const issue of reading.issues) {
        const host = reading.hosts.get(issue.hostId);
        if (!kinds.includes(issue.kind) || host === undefined || conditions.has(host.id)) continue;
        conditions.set(
          host.id,
          tellsItsSoftware(host, reading)
            ? { subject: host.id, verdict: 'holds', facts: factsOf(issue, cause, reading) }
            : { subject: host.id, verdict: 'unknown' },
        );
      }
      for (const id of tracked(rule.name).keys())
        if (!reading.hosts.has(id))
          conditions.set(id, { subject: id, verdict: 'ended', reason: 'the host was removed' });
      return [...conditions.values()];
    },
  };
}
