import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError } from '../errors.ts';
import type { PeopleAt } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Its link works no more. Throws `not-found`, also for one that was accepted. */
export async function withdrawInvitation(actor: Actor, at: PeopleAt, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const open = await at.state.listInvitations('');
  const invitation = open.find((each) => each.id === id);
  if (invitation === undefined || !(await at.state.removeInvitation(id)))
    throw new HubError('not-found', `There is no open invitation ${id}.`);
  await audit(actor, at, {
    action: 'invitation.withdraw',
    subject: invitation.name ?? `invitation ${id}`,
    before: invitation.role,
    after: null,
  });
}
