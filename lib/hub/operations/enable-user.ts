import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { type PeopleAt, requireDone, userById } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Lets a disabled user sign in again, with the role and password of before. */
export async function enableUser(actor: Actor, at: PeopleAt, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const user = await userById(at.state, id);
  if (user.disabledAt === null) return;
  requireDone(await at.state.changeUser(id, { disabledAt: null }), user);
  await audit(actor, at, {
    action: 'user.enable',
    subject: user.name,
    before: 'disabled',
    after: user.role,
  });
}
