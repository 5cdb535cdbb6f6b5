import type { LoginLinkRecord, StateStore } from '../../state/state-store.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { hashSecret, newSecret, secretKind } from '../secrets.ts';

export const loginLinkMinutes = 15;
const firstSignInSetting = 'first-sign-in-at';
const administrator = { id: 'admin', name: 'admin', role: 'admin' } as const;

/** Makes the administrator where there is none, and a link that signs in as that user once. For the hub's own machine. */
export async function makeLoginLink(state: StateStore, nowMillis: number): Promise<string> {
  const users = await state.listUsers();
  let admin = users.find((user) => user.role === 'admin');
  if (admin === undefined) {
    admin = { ...administrator, createdAt: new Date(nowMillis).toISOString() };
    await state.putUser(admin);
  }
  const secret = newSecret('login');
  const expiresAt = new Date(nowMillis + loginLinkMinutes * 60_000).toISOString();
  await state.putLoginLink({ tokenHash: hashSecret(secret), userId: admin.id, expiresAt });
  return secret;
}

/** Whether anyone has ever signed in; until then each start prints a link. */
export const hasBeenSignedIn = async (state: StateStore): Promise<boolean> =>
  (await state.getSetting(firstSignInSetting)) !== null;

/** Whether a link would sign in now; looking uses nothing up. */
export async function isLoginLink(context: HubContext, secret: string): Promise<boolean> {
  const now = new Date(context.now()).toISOString();
  return secretKind(secret) === 'login' && (await context.state.hasLoginLink(hashSecret(secret), now));
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
  attempt: { readonly secret: string; readonly peer: string },
): Promise<{ readonly session: string }> {
  const { loginFailures } = context.limits;
  const nowMillis = context.now();
  loginFailures.check(attempt.peer, nowMillis);
  const link = await take(context, attempt.secret).catch((error: unknown) => {
    loginFailures.take(attempt.peer, nowMillis);
    throw error;
  });
  const session = newSecret('session');
  const at = new Date(nowMillis).toISOString();
  await context.state.putSession({
    tokenHash: hashSecret(session),
    userId: link.userId,
    createdAt: at,
    lastSeenAt: at,
    expiresAt: new Date(nowMillis + context.config.sessionLifeSeconds * 1000).toISOString(),
  });
  if (!(await hasBeenSignedIn(context.state))) await context.state.putSetting(firstSignInSetting, at);
  await context.state.appendAudit({
    at,
    actor: `user ${link.userId}`,
    action: 'session.start',
    subject: link.userId,
    before: null,
    after: attempt.peer,
  });
  return { session };
}
