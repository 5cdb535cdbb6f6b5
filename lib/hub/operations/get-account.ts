import type { SessionRecord, UserRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import type { AccountView } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

/** So long after a link or an invitation was used, its session may set a password without telling the one before. */
const freshMillis = 3_600_000;

export const isFreshSession = (session: SessionRecord | null, nowMillis: number): boolean =>
  session !== null &&
  (session.how === 'link' || session.how === 'invitation') &&
  nowMillis - Date.parse(session.createdAt) < freshMillis;

/** Null where the actor is no user in a session. */
export async function ownSession(
  actor: Actor,
  { state, now }: Pick<HubContext, 'state' | 'now'>,
): Promise<SessionRecord | null> {
  if (actor.kind !== 'user' || actor.sessionId === undefined) return null;
  const own = await state.listSessions(actor.id, new Date(now()).toISOString());
  return own.find(({ id }) => id === actor.sessionId) ?? null;
}

function passwordOf(user: UserRecord | null, session: SessionRecord | null): AccountView['password'] {
  if (user === null) return null;
  if (user.passwordHash !== null) return 'set';
  // Without a session a proxy says at each request who this is.
  return session === null || session.how === 'oidc' || session.how === 'proxy' ? 'elsewhere' : 'none';
}

/** Who asks, and what they may change about themselves. */
export async function getAccount(
  actor: Actor,
  context: Pick<HubContext, 'state' | 'now'>,
): Promise<AccountView> {
  requireRole(actor, 'viewer');
  if (actor.kind !== 'user' && actor.kind !== 'token') throw new HubError('forbidden', 'Nobody in person.');
  const session = await ownSession(actor, context);
  const user = actor.kind === 'user' ? await context.state.getUser(actor.id) : null;
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    role: actor.role,
    password: passwordOf(user, session),
    isFresh: isFreshSession(session, context.now()),
  };
}
