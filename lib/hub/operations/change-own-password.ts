import type { UserRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { checkPassword, requireDone, userById } from '../people.ts';
import { requireRole } from '../require-role.ts';
import { isFreshSession, ownSession } from './get-account.ts';

export interface PasswordChange {
  /** Null: this session began by a link a moment ago. */
  readonly currentPassword: string | null;
  readonly newPassword: string;
}

const wrongCurrent = (detail: string) =>
  new HubError('unprocessable', detail, { errors: [{ pointer: '/currentPassword', detail }] });

async function checkCurrent(context: HubContext, user: UserRecord, current: string): Promise<void> {
  const { passwordFailures } = context.limits;
  const subject = user.name.toLowerCase();
  passwordFailures.take(subject, context.now());
  const { matches } = await context.passwords.verify(current, user.passwordHash);
  if (!matches) throw wrongCurrent('This is not your present password.');
  passwordFailures.giveBack(subject);
}

/**
 * Sets one's own password and ends one's other sessions. Needs the present one, or a session that began by a one-time
 * link within the hour, so that a session left open on some machine does not become a way in for good.
 */
export async function changeOwnPassword(
  actor: Actor,
  context: HubContext,
  { currentPassword, newPassword }: PasswordChange,
): Promise<void> {
  requireRole(actor, 'viewer');
  if (actor.kind !== 'user') throw new HubError('forbidden', 'Only a person has a password.');
  const user = await userById(context.state, actor.id);
  const session = await ownSession(actor, context);
  const isFresh = isFreshSession(session, context.now());
  if (user.passwordHash !== null && currentPassword !== null)
    await checkCurrent(context, user, currentPassword);
  else if (user.passwordHash !== null && !isFresh) throw wrongCurrent('Type your present password.');
  else if (!isFresh)
    throw new HubError('forbidden', 'To set a first password, sign in by a fresh one-time link.');
  checkPassword(newPassword, user.name, '/newPassword');
  const passwordHash = await context.passwords.hash(newPassword);
  requireDone(await context.state.changeUser(user.id, { passwordHash }), user);
  const ended = await context.state.removeSessions(user.id, session?.id ?? null);
  context.stream.recheckViewers();
  const before = user.passwordHash === null ? 'none' : 'set';
  const after = `set, ${ended} other sessions ended`;
  const at = { state: context.state, nowMillis: context.now() };
  await audit(actor, at, { action: 'user.password', subject: user.name, before, after });
}
