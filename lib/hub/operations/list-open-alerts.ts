import { type Alert, type AlertRuleView, type AlertTally, ownRulePrefix } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';

/** Pending and firing alerts, the youngest first, from memory. */
export async function listOpenAlerts(actor: Actor, context: HubContext): Promise<readonly Alert[]> {
  requireRole(actor, 'viewer');
  return context.alerting.open();
}

/** How many fire, and when the hub said so. */
export async function getAlertTally(
  actor: Actor,
  context: HubContext,
): Promise<{ readonly alerts: AlertTally; readonly serverTime: string }> {
  requireRole(actor, 'viewer');
  return { alerts: context.alerting.tally(), serverTime: new Date(context.now()).toISOString() };
}

/** What the hub watches, as the fleet file wants it. */
export async function listAlertRules(actor: Actor, context: HubContext): Promise<readonly AlertRuleView[]> {
  requireRole(actor, 'viewer');
  const { hostGoneSeconds, driftSeconds, clearSeconds, startGraceSeconds } = context.config.alerts;
  const times = { hostGoneSeconds, driftSeconds, clearSeconds, returnSeconds: startGraceSeconds };
  const { rules, hostRules, isOn } = context.alertRules();
  const settings = context.fleetFile.current().alerts.rules;
  return rules.map(({ name, severity, watches, afterSeconds }): AlertRuleView => {
    const ofHosts = hostRules.find((rule) => rule.name === name);
    return {
      rule: name,
      severity,
      watches,
      afterSeconds: afterSeconds(times),
      isOn: isOn(name),
      isOwn: name.startsWith(ownRulePrefix),
      isChanged: settings.has(name),
      threshold:
        ofHosts?.threshold === undefined
          ? null
          : { value: ofHosts.judgingThreshold, unit: ofHosts.threshold.unit, says: ofHosts.threshold.says },
      scope: ofHosts?.scope ?? settings.get(name)?.scope ?? null,
    };
  });
}
