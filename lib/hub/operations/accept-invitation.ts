import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { checkPassword, checkUserName, nameTaken } from '../people.ts';
import { networkOf } from '../rate-limit.ts';
import { hashSecret } from '../secrets.ts';
import { newId, startSession } from '../sessions.ts';
import { lookAtInvitation } from './look-at-invitation.ts';

export interface Acceptance {
  /** The link's: it is what authorises this operation, so no other actor is asked for. */
  readonly secret: string;
  /** Where the invitation leaves it open; else it is not looked at. */
  readonly name: string;
  readonly password: string;
  readonly peer: string;
  readonly userAgent: string | null;
}

const gone = () =>
  new HubError('not-found', 'This invitation is unknown, was used already, or has expired. Ask for another.');

/** Makes the user and signs in. Throws `not-found`, `conflict` for a name that is taken, `unprocessable`. */
export async function acceptInvitation(
  context: HubContext,
  { secret, name, password, peer, userAgent }: Acceptance,
): Promise<{ readonly session: string }> {
  const { state, limits, passwords } = context;
  const caller = networkOf(peer);
  limits.loginFailures.check(caller, context.now());
  const invitation = await lookAtInvitation(context, secret);
  if (invitation.state !== 'open') {
    limits.loginFailures.take(caller, context.now());
    throw gone();
  }
  const chosen = invitation.name ?? name;
  checkUserName(chosen);
  checkPassword(password, chosen);
  if ((await state.findUser(chosen)) !== null) throw nameTaken(chosen);
  const passwordHash = await passwords.hash(password);
  const createdAt = new Date(context.now()).toISOString();
  const { role } = invitation;
  const user = {
    id: newId(),
    name: chosen,
    role,
    createdAt,
    passwordHash,
    disabledAt: null,
    lastSeenAt: null,
  };
  const outcome = await state.acceptInvitation(hashSecret(secret), user);
  if (outcome === 'gone') throw gone();
  if (outcome === 'name-taken') throw nameTaken(chosen);
  const actor = { kind: 'user', id: user.id, name: user.name, role } as const;
  const at = { state, nowMillis: context.now() };
  const after = `${role}, invited by ${invitation.createdBy}`;
  await audit(actor, at, { action: 'user.create', subject: chosen, before: null, after });
  const session = await startSession(context, { userId: user.id, how: 'invitation', peer, userAgent });
  return { session };
}
