import type { LoginLinkRecord, StateStore, UserRecord } from '../../state/state-store.ts';
import { audit, auditTime } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { networkOf } from '../rate-limit.ts';
import { hashSecret, newSecret, secretKind } from '../secrets.ts';
import { newId, startSession } from '../sessions.ts';

export const loginLinkMinutes = 15;

const newUser = { passwordHash: null, disabledAt: null, lastSeenAt: null } as const;

async function makeAdministrator(state: StateStore, createdAt: string): Promise<UserRecord> {
  // A hub whose users come from elsewhere may have a viewer of this name.
  for (const [at, name] of ['admin', 'administrator', `admin-${newId()}`].entries()) {
    const user = { ...newUser, id: at === 0 ? 'admin' : newId(), name, role: 'admin', createdAt } as const;
    if (await state.addUser(user)) return user;
  }
  throw new HubError('conflict', 'No name is free for an administrator.');
}

/** A link that signs in as this user once. The caller has made sure that the user may sign in. */
export async function putLoginLink(
  state: StateStore,
  nowMillis: number,
  userId: string,
): Promise<{ readonly secret: string; readonly expiresAt: string }> {
  const secret = newSecret('login');
  const expiresAt = new Date(nowMillis + loginLinkMinutes * 60_000).toISOString();
  await state.putLoginLink({ tokenHash: hashSecret(secret), userId, expiresAt });
  return { secret, expiresAt };
}

/** Makes the administrator where there is none, and a link that signs in as that user once. For the hub's own machine. */
export async function makeLoginLink(state: StateStore, nowMillis: number): Promise<string> {
  const users = await state.listUsers();
  const admin =
    users.find((user) => user.role === 'admin' && user.disabledAt === null) ??
    (await makeAdministrator(state, new Date(nowMillis).toISOString()));
  const { secret, expiresAt } = await putLoginLink(state, nowMillis, admin.id);
  const after = `works once, until ${auditTime(expiresAt)}`;
  const change = { action: 'user.login-link', subject: admin.name, before: null, after };
  await audit({ kind: 'system' }, { state, nowMillis }, change);
  return secret;
}

/** Whom a link would sign in now; looking uses nothing up. Null: nobody. */
export async function peekLoginLink(context: HubContext, secret: string): Promise<string | null> {
  if (secretKind(secret) !== 'login') return null;
  const now = new Date(context.now()).toISOString();
  const link = await context.state.peekLoginLink(hashSecret(secret), now);
  const user = link === null ? null : await context.state.getUser(link.userId);
  return user === null || user.disabledAt !== null ? null : user.name;
}

async function take(context: HubContext, secret: string): Promise<LoginLinkRecord> {
  const now = new Date(context.now()).toISOString();
  const link =
    secretKind(secret) === 'login' ? await context.state.takeLoginLink(hashSecret(secret), now) : null;
  if (link !== null) return link;
  throw new HubError(
    'unauthenticated',
    'This link is unknown, was used already, or has expired. "gpufleet hub user login-link" makes a fresh one.',
  );
}

/** Exchanges a one-time link for a session; the link is what authorises it. Failures are limited by peer. */
export async function signIn(
  context: HubContext,
  attempt: { readonly secret: string; readonly peer: string; readonly userAgent: string | null },
): Promise<{ readonly session: string }> {
  const { loginFailures } = context.limits;
  const { secret, peer, userAgent } = attempt;
  loginFailures.check(networkOf(peer), context.now());
  const link = await take(context, secret).catch((error: unknown) => {
    loginFailures.take(networkOf(peer), context.now());
    throw error;
  });
  return { session: await startSession(context, { userId: link.userId, how: 'link', peer, userAgent }) };
}
