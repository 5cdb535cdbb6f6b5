import { worstFirst } from '../../fleet/index.ts';
import type { AttentionItem, DriftFinding, StackIssue } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { alertAttention } from '../alerts/attention.ts';
import { compatAttention, spokenFor } from '../compat/attention.ts';
import type { HubContext } from '../context.ts';
import { driftAttention } from '../drift/attention.ts';
import type { FleetView } from '../hub.ts';
import { livesAttention } from '../lives/attention.ts';
import { reinstalledHosts } from '../lives/reinstalled.ts';
import { requireRole } from '../require-role.ts';
import { sshAttention } from '../ssh/attention.ts';

/** What needs a person, each thing once: an alert that fires speaks for the host and the driver that it is about. */
function attentionOf(context: HubContext): readonly AttentionItem[] {
  const { alerting, fleet, drift, lives, compat } = context;
  const alerts = alertAttention(alerting.open());
  const isSpokenFor = ({ hostId, facet }: DriftFinding): boolean =>
    (facet === 'driver' && alerts.drifted.has(hostId)) || fleet.summary(hostId)?.maintenance != null;
  // A driver that failed over its library is told as such already.
  const isToldBy = ({ hostId, facet }: StackIssue): boolean =>
    fleet.summary(hostId)?.maintenance != null ||
    (facet === 'library' && fleet.summary(hostId)?.state === 'driver-failed');
  const others = {
    findings: () => drift.findings().filter((finding) => !isSpokenFor(finding)),
    issues: () => drift.issues().filter((issue) => !isToldBy(issue)),
    host: (id: string) => drift.host(id),
  };
  const ofLives = livesAttention({
    claims: lives.open(),
    reinstalled: reinstalledHosts(fleet.summaries(), lives.keptPairs),
    fleetFile: context.fleetFile.current(),
    hostnameOf: (id) => fleet.summary(id)?.hostname ?? null,
  });
  const ofCompat = compatAttention(compat.findings(), spokenFor(fleet, alerts.incompatible));
  const ofSsh = sshAttention(context.ssh.views(), {
    summary: (id) => fleet.summary(id),
    gone: alerts.gone,
    told: alerts.sshKeys,
  });
  const all = [
    ...alerts.items,
    ...ofSsh.items,
    ...fleet.attention(new Set([...alerts.gone, ...ofSsh.hosts])).filter((item) => !alerts.saysAlready(item)),
    ...driftAttention(others),
    ...ofCompat,
    ...ofLives,
  ];
  return all.sort(worstFirst);
}

/** Everything that the Fleet page shows. */
export async function getFleet(actor: Actor, context: HubContext): Promise<FleetView> {
  requireRole(actor, 'viewer');
  return {
    serverTime: new Date(context.now()).toISOString(),
    totals: context.fleet.totals(),
    attention: attentionOf(context),
    alerts: context.alerting.tally(),
    hosts: context.fleet.summaries(),
  };
}
