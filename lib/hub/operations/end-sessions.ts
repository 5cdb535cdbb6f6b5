import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError } from '../errors.ts';
import { type PeopleAt, userById } from '../people.ts';
import { requireRole } from '../require-role.ts';

async function endAll(actor: Actor, at: PeopleAt, ask: { userId: string; keptId: string | null }) {
  const user = await userById(at.state, ask.userId);
  const ended = await at.state.removeSessions(user.id, ask.keptId);
  if (ended === 0) return;
  const before = `${ended} ${ended === 1 ? 'session' : 'sessions'}`;
  await audit(actor, at, { action: 'session.end', subject: user.name, before, after: null });
}

/** Ends every session of a user, and takes back login links that were not used yet. */
export async function endSessionsOf(actor: Actor, at: PeopleAt, userId: string): Promise<void> {
  requireRole(actor, 'admin');
  await endAll(actor, at, { userId, keptId: null });
}

/** Ends one's own sessions but for the one that asks. */
export async function endOtherSessions(actor: Actor, at: PeopleAt): Promise<void> {
  requireRole(actor, 'viewer');
  if (actor.kind !== 'user') throw new HubError('forbidden', 'Only a person has sessions.');
  await endAll(actor, at, { userId: actor.id, keptId: actor.sessionId ?? null });
}
