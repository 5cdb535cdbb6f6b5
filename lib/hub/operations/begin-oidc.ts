import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import type { Oidc } from '../oidc/oidc.ts';
import { type Transaction, transactionCookie, transactionSeconds } from '../oidc/transaction.ts';
import { networkOf } from '../rate-limit.ts';

export interface OidcBeginning {
  /** Address of the provider for the browser. */
  readonly location: string;
  /** What the browser keeps until it comes back. */
  readonly cookie: { readonly name: string; readonly value: string };
}

export function requireOidc(context: HubContext): Oidc {
  if (context.oidc !== null) return context.oidc;
  throw new HubError('not-found', 'This hub has no provider to sign in through.');
}

/**
 * Begins to sign in through the provider. Limited by peer. Throws `unavailable`, in words for whoever signs in, while
 * the provider does not answer.
 */
export async function beginOidc(
  context: HubContext,
  attempt: { readonly peer: string; readonly origin: string; readonly returnTo: string },
): Promise<OidcBeginning> {
  const { config, provider, transactions } = requireOidc(context);
  context.limits.oidcSignIns.take(networkOf(attempt.peer), context.now());
  const { library, configuration } = await provider.discovered();
  const transaction: Transaction = {
    state: library.randomState(),
    nonce: library.randomNonce(),
    verifier: library.randomPKCECodeVerifier(),
    redirectUri: `${attempt.origin}/login/oidc/callback`,
    returnTo: attempt.returnTo,
    expiresAtMillis: context.now() + transactionSeconds * 1000,
  };
  const location = library.buildAuthorizationUrl(configuration, {
    redirect_uri: transaction.redirectUri,
    scope: config.scopes,
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await library.calculatePKCECodeChallenge(transaction.verifier),
    code_challenge_method: 'S256',
  });
  const cookie = { name: transactionCookie(transaction.state), value: transactions.seal(transaction) };
  return { location: location.href, cookie };
}
