import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';

/** The OpenAPI document of /api/v1. */
export async function getOpenApi(actor: Actor, context: HubContext): Promise<object> {
  requireRole(actor, 'viewer');
  return context.openApi();
}
