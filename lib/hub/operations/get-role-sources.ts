import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { hasAdministrator } from '../people.ts';
import { requireRole } from '../require-role.ts';
import { groupsDecide } from './admit-external.ts';

export interface RoleSources {
  /** People from outside have the role of their groups there; a change here lasts until their next sign-in. */
  readonly groupsDecide: boolean;
  readonly hasAdministrator: boolean;
}

/** Where roles come from, so that pages can say what a change of one is worth. */
export async function getRoleSources(actor: Actor, { config, state }: HubContext): Promise<RoleSources> {
  requireRole(actor, 'viewer');
  return {
    groupsDecide: groupsDecide(config.access.roleMapping),
    hasAdministrator: await hasAdministrator(state),
  };
}
