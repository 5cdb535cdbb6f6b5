import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';
import { hashSecret } from '../secrets.ts';
import { sessionSecret } from './identify.ts';

/** Ends the session of this cookie, here and in every stream that it opened. */
export async function signOut(actor: Actor, context: HubContext, cookie: string | null): Promise<void> {
  requireRole(actor, 'viewer');
  const secret = sessionSecret(cookie);
  if (secret === null) return;
  await context.state.removeSession(hashSecret(secret));
  context.stream.recheckViewers();
}
