import { type AlertRulesConfig, noAlertRules } from '../../model/index.ts';
import { channelDead } from './channel-dead.ts';
import { containerIncompatible } from './container-incompatible.ts';
import { containerMinorVersion } from './container-minor-version.ts';
import { driverDrift } from './driver-drift.ts';
import { fabricManager } from './fabric-manager.ts';
import { withSettings } from './fleet-rule.ts';
import { healthRules } from './health/index.ts';
import { hostGone } from './host-gone.ts';
import { type ConfiguredHostRule, configuredRule, type Threshold } from './host-rule.ts';
import { hubOrNetwork } from './hub-or-network.ts';
import { HostJudge } from './judge.ts';
import { ownRule } from './own-rule.ts';
import { pendingMismatch } from './pending-mismatch.ts';
import type { Rule } from './rule.ts';
import { sshHostKey } from './ssh-host-key.ts';
import { staleCdi } from './stale-cdi.ts';

export { containerIncompatibleName } from './container-incompatible.ts';
export { containerMinorVersionName } from './container-minor-version.ts';
export type { HostRule, Threshold } from './host-rule.ts';
export * from './rule.ts';

/** Rules about the fleet as a whole, in the order in which they are asked: a later one may look at what an earlier one found. */
export const fleetRules: readonly Rule[] = [
  hubOrNetwork,
  hostGone,
  driverDrift,
  containerIncompatible,
  containerMinorVersion,
  pendingMismatch,
  fabricManager,
  staleCdi,
  channelDead,
  sshHostKey,
];

/**
 * Rules that say that a host does not answer: what else is known of it is old, and waits. A changed host key is why such a
 * host is gone, and may be an attack: nothing says it already.
 */
export const silencingRules: readonly string[] = [
  sshHostKey.name,
  hubOrNetwork.name,
  hostGone.name,
  'driver-hung',
  'driver-failed',
];

export interface RuleSet {
  readonly rules: readonly Rule[];
  /** With what the fleet file says of each, those that are off too. */
  readonly hostRules: readonly ConfiguredHostRule[];
  readonly judge: HostJudge;
  /** Fleet rules that are on. */
  readonly isOn: (rule: string) => boolean;
}

/** The house's rules and the fleet file's own, as the file wants them. */
export function ruleSet(config: AlertRulesConfig = noAlertRules): RuleSet {
  const hostRules = [
    ...healthRules.map((rule) => configuredRule(rule, config.rules.get(rule.name))),
    ...config.own.map((own) => ({ ...configuredRule(ownRule(own), undefined), scope: own.scope })),
  ];
  const judge = new HostJudge(hostRules);
  const ofFleet = fleetRules.map((rule) => withSettings(rule, config.rules.get(rule.name)));
  const off = new Set([...config.rules].filter(([, { isOn }]) => isOn === false).map(([name]) => name));
  for (const { name, isOn } of hostRules) if (!isOn) off.add(name);
  return { rules: [...ofFleet, ...judge.rules()], hostRules, judge, isOn: (rule) => !off.has(rule) };
}

/** As they are without a fleet file. */
export const rules: readonly Rule[] = ruleSet().rules;

/** What the fleet file may name, with the threshold that each has. */
export const knownRules: ReadonlyMap<string, { readonly threshold: Threshold | null }> = new Map([
  ...fleetRules.map(({ name }) => [name, { threshold: null }] as const),
  ...healthRules.map(({ name, threshold }) => [name, { threshold: threshold ?? null }] as const),
]);
