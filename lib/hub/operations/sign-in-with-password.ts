import type { UserRecord } from '../../state/state-store.ts';
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

/** A few of them, so that a flood does not fill the log. A name that nobody has may be a password: it is not written. */
async function auditRefusal(context: HubContext, user: UserRecord | null, peer: string): Promise<void> {
  try {
    context.limits.auditedFailures.take(networkOf(peer), context.now());
    context.limits.auditedFailuresInAll.take('everyone', context.now());
  } catch {
    return;
  }
  await context.state.appendAudit({
    at: new Date(context.now()).toISOString(),
    actor: 'stranger',
    action: 'session.refuse',
    subject: user?.name ?? 'unknown name',
    before: null,
    after: `password from ${peer}`,
  });
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
    await auditRefusal(context, user, peer);
    throw refused();
  }
  giveBack();
  if (isOld) await state.changeUser(user.id, { passwordHash: await passwords.hash(password) });
  return { session: await startSession(context, { userId: user.id, how: 'password', peer, userAgent }) };
}
