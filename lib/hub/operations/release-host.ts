import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

/** Takes a host id from the credential that owns it, so that another agent may enrol with it. */
export async function releaseHost(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  id: string,
): Promise<void> {
  requireRole(actor, 'admin');
  const { state } = store;
  const record = await state.getHost(id);
  if (record === null) throw new HubError('not-found', `There is no host ${id}.`);
  if (record.credentialHash !== null)
    await state.retireCredential({
      hash: record.credentialHash,
      hostId: id,
      hostname: record.hostname,
      at: new Date(store.nowMillis).toISOString(),
    });
  await state.putHost({ ...record, credentialHash: null });
  await audit(actor, store, {
    action: 'host.release',
    subject: id,
    before: record.hostname,
    after: null,
  });
}
