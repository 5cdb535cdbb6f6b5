import { worstFirst } from '../../fleet/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { driftAttention } from '../drift/attention.ts';
import type { FleetView } from '../hub.ts';
import { requireRole } from '../require-role.ts';

/** Everything that the Fleet page shows. */
export async function getFleet(actor: Actor, context: HubContext): Promise<FleetView> {
  requireRole(actor, 'viewer');
  return {
    serverTime: new Date(context.now()).toISOString(),
    totals: context.fleet.totals(),
    attention: [...context.fleet.attention(), ...driftAttention(context.drift)].sort(worstFirst),
    alerts: context.alerting.tally(),
    hosts: context.fleet.summaries(),
  };
}
