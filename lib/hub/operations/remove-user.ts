import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { type PeopleAt, requireDone, userById, withdrawInvitationsOf } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Forgets a user and ends every session. Tokens that the user made stay. Throws `conflict` for the last administrator. */
export async function removeUser(actor: Actor, at: PeopleAt, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const user = await userById(at.state, id);
  requireDone(await at.state.removeUser(id), user);
  const withdrawn = await withdrawInvitationsOf(at.state, user);
  await audit(actor, at, {
    action: 'user.remove',
    subject: user.name,
    before: `${user.role}${withdrawn}`,
    after: null,
  });
}
