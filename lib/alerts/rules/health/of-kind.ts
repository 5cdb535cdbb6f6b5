import { fromFault, type HostRule } from '../host-rule.ts';

/** A rule that is told by faults of some kinds, which the table of faults explains. */
export const ofKind = (
  rule: Omit<HostRule, 'find'>,
  kinds: readonly string[],
  whyItMatters: string,
): HostRule => ({
  ...rule,
  find: (host, { severity }) =>
    host.faults
      .filter(({ kind }) => kinds.includes(kind))
      .map((fault) => fromFault(host, fault, { severity, whyItMatters })),
});
