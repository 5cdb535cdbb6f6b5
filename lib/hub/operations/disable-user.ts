import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { type PeopleAt, requireDone, userById, withdrawInvitationsOf } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Ends every session of the user and lets none begin. Throws `conflict` for the last administrator. */
export async function disableUser(actor: Actor, at: PeopleAt, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const user = await userById(at.state, id);
  if (user.disabledAt !== null) return;
  const disabledAt = new Date(at.nowMillis).toISOString();
  requireDone(await at.state.changeUser(id, { disabledAt }), user);
  const withdrawn = await withdrawInvitationsOf(at.state, user);
  await audit(actor, at, {
    action: 'user.disable',
    subject: user.name,
    before: user.role,
    after: `disabled${withdrawn}`,
  });
}
