import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError } from '../errors.ts';
import type { PeopleAt } from '../people.ts';
import { requireRole } from '../require-role.ts';

/** Ends a session: one's own, or anyone's for an administrator. Throws `not-found`, also for what one may not see. */
export async function endSession(actor: Actor, at: PeopleAt, id: string): Promise<void> {
  requireRole(actor, 'viewer');
  const own = actor.kind === 'user' ? actor.id : null;
  const seesAll =
    actor.kind === 'system' || (actor.kind !== 'stranger' && 'role' in actor && actor.role === 'admin');
  const now = new Date(at.nowMillis).toISOString();
  const seen = seesAll || own !== null ? await at.state.listSessions(seesAll ? null : own, now) : [];
  const session = seen.find((each) => each.id === id);
  if (session === undefined) throw new HubError('not-found', `There is no session ${id}.`);
  await at.state.removeSession(session.tokenHash);
  const user = await at.state.getUser(session.userId);
  await audit(actor, at, {
    action: 'session.end',
    subject: user?.name ?? session.userId,
    before: `${session.how} from ${session.peer}`,
    after: null,
  });
}
