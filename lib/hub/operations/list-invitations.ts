import type { Actor } from '../actor.ts';
import type { PeopleAt } from '../people.ts';
import type { InvitationView } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

/** The open ones, the newest first. */
export async function listInvitations(
  actor: Actor,
  { state, nowMillis }: PeopleAt,
): Promise<readonly InvitationView[]> {
  requireRole(actor, 'admin');
  const open = await state.listInvitations(new Date(nowMillis).toISOString());
  return open.map(({ tokenHash: _, acceptedAt: __, ...shown }) => shown);
}
