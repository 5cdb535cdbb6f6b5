import type { Role } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { type PeopleAt, requireDone, userById, withdrawInvitationsOf } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Counts at the user's next request. Throws `conflict` for the last administrator. Works beside a running hub. */
export async function changeRole(actor: Actor, at: PeopleAt, id: string, role: Role): Promise<void> {
  requireRole(actor, 'admin');
  const user = await userById(at.state, id);
  if (user.role === role) return;
  requireDone(await at.state.changeUser(id, { role }), user);
  const withdrawn = role === 'admin' ? '' : await withdrawInvitationsOf(at.state, user);
  await audit(actor, at, {
    action: 'user.role',
    subject: user.name,
    before: user.role,
    after: `${role}${withdrawn}`,
  });
}
