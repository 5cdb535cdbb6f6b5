import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { type ReadHeader, readProxied } from '../requester.ts';
import { hashSecret, secretKind } from '../secrets.ts';
import { byProxy } from './identify-proxied.ts';

export const sessionCookie = 'gpufleet_session';
const stranger: Actor = { kind: 'stranger' };
/** A last use is written at most this often, and a session's four times in the shortest of lives. */
const touchEveryMillis = 15 * 60_000;
const touchesPerLife = 4;

export function sessionSecret(cookie: string | null): string | null {
  for (const part of (cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === sessionCookie) return part.slice(at + 1).trim();
  }
  return null;
}

function bearerSecret(authorization: string | null): string | null {
  const match = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '');
  return match?.[1] ?? null;
}

async function byBearer(context: HubContext, secret: string): Promise<Actor> {
  const kind = secretKind(secret);
  const hash = hashSecret(secret);
  if (kind === 'agent') {
    const hostId = await context.state.findHostIdByCredential(hash);
    return hostId === null ? stranger : { kind: 'agent', hostId };
  }
  if (kind !== 'api' && kind !== 'scrape') return stranger;
  const token = await context.state.getApiToken(hash);
  if (token === null) return stranger;
  const now = context.now();
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= now) return stranger;
  if (token.lastUsedAt === null || now - Date.parse(token.lastUsedAt) > touchEveryMillis)
    await context.state.touchApiToken(hash, new Date(now).toISOString());
  return { kind: 'token', id: hash.slice(0, 16), name: token.name, role: token.role, scope: token.kind };
}

async function bySession(context: HubContext, secret: string): Promise<Actor> {
  if (secretKind(secret) !== 'session') return stranger;
  const tokenHash = hashSecret(secret);
  const session = await context.state.getSession(tokenHash);
  const now = context.now();
  if (session === null || Date.parse(session.expiresAt) <= now) return stranger;
  const lifeMillis = context.config.sessionLifeSeconds * 1000;
  // A provider is asked anew after one life, however busy the session: else it could take nothing away.
  if (session.how === 'oidc' && now - Date.parse(session.createdAt) > lifeMillis) return stranger;
  const user = await context.state.getUser(session.userId);
  if (user === null || user.disabledAt !== null) return stranger;
  if (now - Date.parse(session.lastSeenAt) > Math.min(touchEveryMillis, lifeMillis / touchesPerLife)) {
    const expiresAt = new Date(now + lifeMillis).toISOString();
    await context.state.touchSession(tokenHash, { lastSeenAt: new Date(now).toISOString(), expiresAt });
  }
  return { kind: 'user', id: user.id, name: user.name, role: user.role, sessionId: session.id };
}

/**
 * Who sent a request with these headers. A bearer token, where there is one, decides, and a bad one is a stranger; then
 * the person whom a trusted proxy names; then the session.
 */
export async function identify(context: HubContext, header: ReadHeader): Promise<Actor> {
  const authorization = header('authorization');
  if (authorization !== null) {
    const secret = bearerSecret(authorization);
    return secret === null ? stranger : byBearer(context, secret);
  }
  const proxied = readProxied(header);
  if (proxied !== null) return byProxy(context, proxied);
  const session = sessionSecret(header('cookie'));
  return session === null ? stranger : bySession(context, session);
}
