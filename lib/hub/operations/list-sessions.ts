import type { Actor } from '../actor.ts';
import type { PeopleAt } from '../people.ts';
import type { SessionView } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

/** One's own sessions, or those of everyone, which needs an administrator; the newest first. */
export async function listSessions(
  actor: Actor,
  { state, nowMillis }: PeopleAt,
  whose: 'own' | 'everyone',
): Promise<readonly SessionView[]> {
  requireRole(actor, whose === 'own' ? 'viewer' : 'admin');
  const own = actor.kind === 'user' ? actor.id : null;
  if (whose === 'own' && own === null) return [];
  const now = new Date(nowMillis).toISOString();
  const [sessions, users] = await Promise.all([
    state.listSessions(whose === 'own' ? own : null, now),
    state.listUsers(),
  ]);
  const names = new Map(users.map(({ id, name }) => [id, name]));
  return sessions.map(({ tokenHash: _, ...session }) => ({
    ...session,
    userName: names.get(session.userId) ?? session.userId,
    isCurrent: actor.kind === 'user' && session.id === actor.sessionId,
  }));
}
