import type { UserRecord } from '../../state/state-store.ts';
import { auditRefusal } from '../audit-refusal.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { type Claims, lacksClaims, personOf } from '../oidc/claims.ts';
import { inWords } from '../oidc/in-words.ts';
import type { Oidc } from '../oidc/oidc.ts';
import type { Discovered } from '../oidc/provider.ts';
import type { Transaction } from '../oidc/transaction.ts';
import { networkOf } from '../rate-limit.ts';
import { startSession } from '../sessions.ts';
import { admitExternal } from './admit-external.ts';
import { requireOidc } from './begin-oidc.ts';

const notBegun =
  'This sign-in was not begun in this browser, took longer than 10 minutes, or the hub was restarted meanwhile.';
const usedBefore = 'This sign-in was used already.';
const doesNotFit = 'What the provider answered does not fit this sign-in.';

export interface OidcReturn {
  readonly peer: string;
  readonly userAgent: string | null;
  readonly cookie: string | null;
  /** Query of the address that the provider sent the browser to. */
  readonly search: URLSearchParams;
}

function takeTransaction(context: HubContext, { transactions }: Oidc, back: OidcReturn): Transaction {
  const state = back.search.get('state');
  const taken = state === null ? null : transactions.take(back.cookie, state, context.now());
  if (taken === 'used') throw new HubError('forbidden', usedBefore);
  if (taken === null) throw new HubError('forbidden', notBegun);
  return taken;
}

/** An error of the library in the hub's words; what the provider said is shown only where it speaks to the person. */
function refusal({ library }: Discovered, { config }: Oidc, error: unknown): HubError {
  if (error instanceof library.AuthorizationResponseError) {
    const said = [error.error, error.error_description].filter(Boolean).join(': ');
    return new HubError('forbidden', `${config.name} refused: ${said.slice(0, 300)}.`);
  }
  if (error instanceof library.ResponseBodyError) {
    const words =
      error.error === 'invalid_client' || error.error === 'unauthorized_client'
        ? `${config.name} does not know this hub by its client id and secret.`
        : `${config.name} did not take this sign-in (${error.error.slice(0, 60)}).`;
    return new HubError('forbidden', words, { cause: error });
  }
  const code = error instanceof library.ClientError ? (error.code ?? '') : '';
  if (/CLAIM|JWT|KEY_SELECTION|INVALID_RESPONSE|RESPONSE_IS_NOT_CONFORM|INVALID_SIGNATURE/.test(code))
    return new HubError('forbidden', doesNotFit, { cause: error });
  const { forAnyone } = inWords(error);
  return new HubError('unavailable', `${config.name} cannot be used just now: ${forAnyone}.`, {
    retryAfterSeconds: 10,
    cause: error,
  });
}

/** Exchanges the code, checks the ID token (signature, nonce, audience, times) and adds what only user info says. */
async function readClaims(
  { library, configuration }: Discovered,
  { config }: Oidc,
  { transaction, search }: { readonly transaction: Transaction; readonly search: URLSearchParams },
): Promise<Claims> {
  const url = new URL(`${transaction.redirectUri}?${search}`);
  const tokens = await library.authorizationCodeGrant(configuration, url, {
    expectedState: transaction.state,
    expectedNonce: transaction.nonce,
    pkceCodeVerifier: transaction.verifier,
    idTokenExpected: true,
  });
  const claims: Claims = { ...tokens.claims() };
  const subject = claims['sub'];
  const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
  if (!lacksClaims(claims, config) || !hasUserInfo || typeof subject !== 'string') return claims;
  const more = await library.fetchUserInfo(configuration, tokens.access_token, subject);
  return { ...more, ...claims };
}

async function admit(
  context: HubContext,
  { config }: Oidc,
  { claims, issuer, peer }: { readonly claims: Claims; readonly issuer: string; readonly peer: string },
): Promise<UserRecord> {
  try {
    return await admitExternal(context, personOf(claims, issuer, config));
  } catch (error) {
    const name = String(claims['preferred_username'] ?? claims['email'] ?? claims['sub']).slice(0, 100);
    if (error instanceof HubError && error.code === 'forbidden')
      await auditRefusal(context, { name, how: 'oidc', peer });
    throw error;
  }
}

/**
 * Ends signing in through the provider: makes the user at the first time, and begins a session. Throws `forbidden` or
 * `unavailable`, in words for whoever signs in. Limited by peer.
 */
export async function finishOidc(
  context: HubContext,
  back: OidcReturn,
): Promise<{ readonly session: string; readonly returnTo: string }> {
  const oidc = requireOidc(context);
  context.limits.oidcSignIns.take(networkOf(back.peer), context.now());
  const transaction = takeTransaction(context, oidc, back);
  const found = oidc.provider.known ?? (await oidc.provider.discovered());
  const claims = await readClaims(found, oidc, { transaction, search: back.search }).catch(
    (error: unknown) => {
      throw refusal(found, oidc, error);
    },
  );
  const issuer = found.configuration.serverMetadata().issuer;
  const { peer, userAgent } = back;
  const user = await admit(context, oidc, { claims, issuer, peer });
  const session = await startSession(context, { userId: user.id, how: 'oidc', peer, userAgent });
  return { session, returnTo: transaction.returnTo };
}
