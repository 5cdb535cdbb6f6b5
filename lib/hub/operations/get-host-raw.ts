import type { HostRaw } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

/** The texts that a host's last report was read from, while someone watches the host. Throws `not-found`. */
export async function getHostRaw(actor: Actor, context: HubContext, id: string): Promise<HostRaw> {
  requireRole(actor, 'viewer');
  const raw = context.fleet.raw(id);
  if (raw === null) throw new HubError('not-found', `There is no host ${id}.`);
  return raw;
}
