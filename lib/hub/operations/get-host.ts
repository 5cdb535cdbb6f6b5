import type { HostDetail } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

export async function getHost(actor: Actor, context: HubContext, id: string): Promise<HostDetail> {
  requireRole(actor, 'viewer');
  const host = context.fleet.detail(id, context.now());
  if (host === null) throw new HubError('not-found', `There is no host ${id}.`);
  return host;
}
