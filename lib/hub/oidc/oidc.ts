import type { OidcConfig } from '../../config/access-settings.ts';
import { createProvider, type Provider } from './provider.ts';
import { createTransactions, type Transactions } from './transaction.ts';

/** Everything that signing in through the provider needs besides the hub itself. */
export interface Oidc {
  readonly config: OidcConfig;
  readonly provider: Provider;
  readonly transactions: Transactions;
}

export const createOidc = (
  config: OidcConfig,
  { now, log }: { readonly now: () => number; readonly log: (line: string) => void },
): Oidc => ({ config, provider: createProvider({ config, now, log }), transactions: createTransactions() });
