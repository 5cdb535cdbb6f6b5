import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';
import { endSession } from './end-session.ts';

/** Ends the session that asks, here and in every stream that it opened. */
export async function signOut(actor: Actor, context: HubContext): Promise<void> {
  requireRole(actor, 'viewer');
  if (actor.kind !== 'user' || actor.sessionId === undefined) return;
  await endSession(actor, { state: context.state, nowMillis: context.now() }, actor.sessionId);
  context.stream.recheckViewers();
}
