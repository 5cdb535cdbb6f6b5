import { randomBytes } from 'node:crypto';
import type { SessionBeginning, StateStore } from '../state/state-store.ts';
import { audit } from './audit.ts';
import type { HubContext } from './context.ts';
import { HubError } from './errors.ts';
import { hashSecret, newSecret } from './secrets.ts';

const firstSignInSetting = 'first-sign-in-at';
/** Browsers say less; what is longer is someone's joke. */
const maxUserAgentCharacters = 300;

/** Names something in lists and addresses, and opens nothing. */
export const newId = (): string => randomBytes(8).toString('hex');

export interface NewSession {
  readonly userId: string;
  readonly how: SessionBeginning;
  /** Address of the browser. */
  readonly peer: string;
  readonly userAgent: string | null;
}

/** Whether anyone has ever signed in; until then each start prints a link. */
export const hasBeenSignedIn = async (state: StateStore): Promise<boolean> =>
  (await state.getSetting(firstSignInSetting)) !== null;

/**
 * Begins a session of a user whom the caller has made sure of, and returns its secret for the cookie. The one way in:
 * throws `unauthenticated` for a user who is disabled or gone.
 */
export async function startSession(
  context: Pick<HubContext, 'state' | 'now' | 'config'>,
  { userId, how, peer, userAgent }: NewSession,
): Promise<string> {
  const { state } = context;
  const nowMillis = context.now();
  const user = await state.getUser(userId);
  if (user === null || user.disabledAt !== null)
    throw new HubError('unauthenticated', 'This user may not sign in. Ask an administrator.');
  const secret = newSecret('session');
  const at = new Date(nowMillis).toISOString();
  await state.putSession({
    id: newId(),
    tokenHash: hashSecret(secret),
    userId,
    how,
    peer,
    userAgent: (userAgent ?? '').slice(0, maxUserAgentCharacters),
    createdAt: at,
    lastSeenAt: at,
    expiresAt: new Date(nowMillis + context.config.sessionLifeSeconds * 1000).toISOString(),
  });
  if (!(await hasBeenSignedIn(state))) await state.putSetting(firstSignInSetting, at);
  const actor = { kind: 'user', id: user.id, name: user.name, role: user.role } as const;
  const change = { action: 'session.start', subject: user.name, before: null, after: `${how} from ${peer}` };
  await audit(actor, { state, nowMillis }, change);
  return secret;
}
