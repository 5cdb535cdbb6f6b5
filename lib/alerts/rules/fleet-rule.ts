import type { AlertRuleSettings } from '../../model/index.ts';
import { isHostIn } from './matching.ts';
import type { Condition, Rule, RuleContext } from './rule.ts';

/** A rule about the fleet with what the fleet file says of it. */
export function withSettings(rule: Rule, settings: AlertRuleSettings | undefined): Rule {
  if (settings === undefined) return rule;
  const { isOn, severity, forSeconds, clearForSeconds, scope } = settings;
  const judged = (condition: Condition, { reading }: RuleContext): Condition[] => {
    if (condition.verdict !== 'holds') return [condition];
    const { subject, facts } = condition;
    if (isOn === false)
      return [{ subject, verdict: 'ended', reason: 'the rule was turned off in the fleet file' }];
    const hosts = facts.hosts.map(({ id }) => reading.hosts.get(id));
    const isOutside = hosts.length > 0 && !hosts.some((host) => host !== undefined && isHostIn(scope, host));
    if (isOutside) return [];
    return [severity === null ? condition : { subject, verdict: 'holds', facts: { ...facts, severity } }];
  };
  return {
    ...rule,
    severity: severity ?? rule.severity,
    ...(forSeconds === null ? {} : { afterSeconds: () => forSeconds }),
    ...(clearForSeconds === null ? {} : { clearSeconds: clearForSeconds }),
    evaluate: (context) => rule.evaluate(context).flatMap((condition) => judged(condition, context)),
  };
}
