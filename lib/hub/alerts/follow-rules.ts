import { type RuleSet, ruleSet } from '../../alerts/rules/index.ts';
import type { AlertRulesConfig } from '../../model/index.ts';

/** The rules of what the fleet file says now; the same object until that is another. */
export function followRules(current: () => AlertRulesConfig): () => RuleSet {
  let of: AlertRulesConfig | null = null;
  let set: RuleSet = ruleSet();
  return () => {
    const config = current();
    if (config === of) return set;
    of = config;
    set = ruleSet(config);
    return set;
  };
}
