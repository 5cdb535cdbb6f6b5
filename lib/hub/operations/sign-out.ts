import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { ownOrigin } from '../own-origin.ts';
import { type ReadHeader, readProxied } from '../requester.ts';
import { requireRole } from '../require-role.ts';
import { endSession } from './end-session.ts';

const loginPage = '/login';

/** Where the provider ends its own session, if it should and says where. */
function providerLogout(context: HubContext): URL | null {
  const { oidc } = context;
  if (oidc === null || !oidc.config.endsProviderSession) return null;
  const found = oidc.provider.known;
  if (found?.configuration.serverMetadata().end_session_endpoint === undefined) return null;
  return found.library.buildEndSessionUrl(found.configuration);
}

/** Origins to which signing out may send the browser. */
export function signOutOrigins(context: HubContext): readonly string[] {
  const proxy = context.config.access.proxy?.logoutUrl ?? null;
  const addresses = [providerLogout(context), proxy === null ? null : new URL(proxy)];
  return addresses.filter((address) => address !== null).map((address) => address.origin);
}

/**
 * Ends the session that asks, here and in every stream that it opened. Returns where to go on: the login page, or
 * where a provider or a proxy ends its own session. Whom a proxy names has none here, and stays until it names them no more.
 */
export async function signOut(actor: Actor, context: HubContext, header: ReadHeader): Promise<string> {
  requireRole(actor, 'viewer');
  if (readProxied(header) !== null) return context.config.access.proxy?.logoutUrl ?? loginPage;
  if (actor.kind !== 'user' || actor.sessionId === undefined) return loginPage;
  const { state } = context;
  const sessions = await state.listSessions(actor.id, new Date(context.now()).toISOString());
  const how = sessions.find(({ id }) => id === actor.sessionId)?.how;
  await endSession(actor, { state, nowMillis: context.now() }, actor.sessionId);
  context.stream.recheckViewers();
  const logout = how === 'oidc' ? providerLogout(context) : null;
  if (logout === null) return loginPage;
  logout.searchParams.set('post_logout_redirect_uri', `${ownOrigin(context, header)}${loginPage}`);
  return logout.href;
}
