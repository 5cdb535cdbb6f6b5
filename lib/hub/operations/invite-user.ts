import type { Role } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit, auditTime } from '../audit.ts';
import { checkUserName, nameTaken, type PeopleAt } from '../people.ts';
import type { NewInvitation } from '../people-views.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { newId } from '../sessions.ts';

export const usualInvitationSeconds = 3 * 86_400;

export interface InvitationAsk {
  /** Null: whoever accepts chooses one. */
  readonly name: string | null;
  readonly role: Role;
  readonly lifeSeconds: number;
}

/** Makes a link by which someone becomes a user, once. Its secret is shown once. Works beside a running hub. */
export async function inviteUser(actor: Actor, at: PeopleAt, ask: InvitationAsk): Promise<NewInvitation> {
  requireRole(actor, 'admin');
  const { name, role, lifeSeconds } = ask;
  if (name !== null) {
    checkUserName(name);
    if ((await at.state.findUser(name)) !== null) throw nameTaken(name);
  }
  const secret = newSecret('invitation');
  const shown = {
    id: newId(),
    name,
    role,
    createdBy: actorName(actor),
    createdAt: new Date(at.nowMillis).toISOString(),
    expiresAt: new Date(at.nowMillis + lifeSeconds * 1000).toISOString(),
  };
  await at.state.putInvitation({ ...shown, tokenHash: hashSecret(secret), acceptedAt: null });
  await audit(actor, at, {
    action: 'invitation.create',
    subject: name ?? `invitation ${shown.id}`,
    before: null,
    after: `${role}, until ${auditTime(shown.expiresAt)}`,
  });
  return { ...shown, path: `/invite/${secret}` };
}
