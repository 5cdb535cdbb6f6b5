import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import type { FleetView } from '../hub.ts';
import { requireRole } from '../require-role.ts';

/** Everything that the Fleet page shows. */
export async function getFleet(actor: Actor, context: HubContext): Promise<FleetView> {
  requireRole(actor, 'viewer');
  return {
    serverTime: new Date(context.now()).toISOString(),
    totals: context.fleet.totals(),
    attention: context.fleet.attention(),
    hosts: context.fleet.summaries(),
  };
}
