import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

/** Forgets a host and its credential; its id may enrol again. Its history stays until its retention ends. */
export async function removeHost(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const record = await context.state.getHost(id);
  if (record === null && !context.fleet.has(id)) throw new HubError('not-found', `There is no host ${id}.`);
  await context.state.removeHost(id);
  context.fleet.remove(id);
  context.notedAtMillis.delete(id);
  await context.state.appendAudit({
    at: new Date(context.now()).toISOString(),
    actor: actorName(actor),
    action: 'host.remove',
    subject: id,
    before: record?.hostname ?? null,
    after: null,
  });
}
