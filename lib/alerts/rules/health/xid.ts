import type { Fault, FaultSeverity } from '../../../model/index.ts';
import { type Found, fromFault, type HostRule, type Threshold } from '../host-rule.ts';
import type { HostReading } from '../rule.ts';

const window: Threshold = {
  default: 60,
  min: 1,
  max: 10_080,
  unit: 'minutes',
  says: 'how long after an Xid its alert stays',
};

/** The log keeps an Xid until the host boots; what counts is that one came lately, the first one too. */
function found(
  host: HostReading,
  fault: Fault,
  judging: { severity: Found['facts']['severity']; threshold: number },
) {
  const at = fault.lastAt ?? fault.since;
  if (at === null) return [];
  const untilMillis = Date.parse(at) + judging.threshold * 60_000;
  const base = fromFault(host, fault, {
    severity: judging.severity,
    whyItMatters:
      judging.severity === 'critical'
        ? 'Work on this GPU fails or gives wrong results until it is put right.'
        : 'A program on this GPU failed, or the GPU shows that it may.',
  });
  const labels = { ...base.facts.labels, xid: String(fault.xid) };
  return [
    { ...base, subject: `xid:${fault.xid} ${base.subject}`, facts: { ...base.facts, labels }, untilMillis },
  ];
}

const xidRule = (
  rule: Pick<HostRule, 'name' | 'severity' | 'watches'>,
  severity: FaultSeverity,
): HostRule => ({
  ...rule,
  afterSeconds: 0,
  cleared: 'no such Xid came for a while',
  needs: 'state',
  threshold: window,
  find: (host, judging) =>
    host.faults
      .filter((fault) => fault.kind === 'xid' && fault.severity === severity)
      .flatMap((fault) => found(host, fault, judging)),
});

/** By the severity that the table of Xids gives them, with its advice; those that are only good to know alert nobody. */
export const xidCritical = xidRule(
  {
    name: 'xid-critical',
    severity: 'critical',
    watches: 'The driver reports an Xid after which work on the GPU fails or gives wrong results.',
  },
  'critical',
);

export const xidWarning = xidRule(
  {
    name: 'xid-warning',
    severity: 'warning',
    watches: 'The driver reports an Xid that needs a look: most often a program that failed.',
  },
  'warning',
);
