import { auditRefusal } from '../audit-refusal.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { networkOf } from '../rate-limit.ts';
import { startSession } from '../sessions.ts';

export interface PasswordAttempt {
  readonly name: string;
  readonly password: string;
  readonly peer: string;
  readonly userAgent: string | null;
}

/** The same words for a wrong password, an unknown name and a disabled user. */
const refused = () => new HubError('unauthenticated', 'The name or the password is wrong.');

/** Takes one of both before the password is looked at, so that a burst does not pass while the first is looked at. */
function takeAttempt(context: HubContext, { name, peer }: PasswordAttempt): () => void {
  const { loginFailures, passwordFailures } = context.limits;
  const [caller, subject] = [networkOf(peer), name.toLowerCase()];
  loginFailures.take(caller, context.now());
  passwordFailures.take(subject, context.now());
  return () => {
    loginFailures.giveBack(caller);
    passwordFailures.giveBack(subject);
  };
}

/**
 * Exchanges a name and a password for a session. Every refusal costs one hash and says the same. Limited by network and
 * by name; throws `unauthenticated`, `too-many-requests`, `unavailable`.
 */
export async function signInWithPassword(
  context: HubContext,
  attempt: PasswordAttempt,
): Promise<{ readonly session: string }> {
  const { name, password, peer, userAgent } = attempt;
  const { state, passwords } = context;
  const giveBack = takeAttempt(context, attempt);
  const user = await state.findUser(name);
  const usable = user === null || user.disabledAt !== null ? null : user.passwordHash;
  const { matches, isOld } = await passwords.verify(password, usable).catch((error: unknown) => {
    giveBack();
    throw error;
  });
  if (user === null || !matches) {
    await auditRefusal(context, { name: user?.name ?? null, how: 'password', peer });
    throw refused();
  }
  giveBack();
  if (isOld) await state.changeUser(user.id, { passwordHash: await passwords.hash(password) });
  return { session: await startSession(context, { userId: user.id, how: 'password', peer, userAgent }) };
}
