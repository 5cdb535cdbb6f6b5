import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

/** Takes a host out of state and fleet. Its credential is remembered as one that was: its agent may still knock. */
export async function forgetHost(context: HubContext, id: string): Promise<string | null> {
  const record = await context.state.getHost(id);
  if (record === null && !context.fleet.has(id)) throw new HubError('not-found', `There is no host ${id}.`);
  if (record?.credentialHash != null)
    await context.state.retireCredential({
      hash: record.credentialHash,
      hostId: id,
      hostname: record.hostname,
      at: new Date(context.now()).toISOString(),
    });
  await context.state.removeHost(id);
  await context.pauses.end([id], []);
  context.fleet.remove(id);
  context.notedAtMillis.delete(id);
  context.ownerBook.forget(id);
  context.captures.forget(id);
  await context.lives.settle(id);
  return record?.hostname ?? null;
}

/** Forgets a host and its credential; its id may enrol again. Its history stays until its retention ends. */
export async function removeHost(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const hostname = await forgetHost(context, id);
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    { action: 'host.remove', subject: id, before: hostname, after: null },
  );
}
