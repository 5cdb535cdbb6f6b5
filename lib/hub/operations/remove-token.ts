import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';
import { storedTokens } from './list-tokens.ts';

/** Ends a token at once, by its id or the name that the list shows. Throws `not-found`. Works beside a running hub. */
export async function removeToken(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  wanted: { readonly id: string } | { readonly name: string },
): Promise<void> {
  requireRole(actor, 'admin');
  const { state } = store;
  const tokens = await storedTokens(state);
  const fits = (token: { id: string; name: string }) =>
    'id' in wanted ? token.id === wanted.id : token.name === wanted.name;
  const token = tokens.find(fits);
  if (token === undefined) {
    const called = 'id' in wanted ? wanted.id : `named "${wanted.name}"`;
    throw new HubError('not-found', `There is no token ${called}.`);
  }
  if (token.kind === 'enroll') await state.removeEnrollmentToken(token.tokenHash);
  else await state.removeApiToken(token.tokenHash);
  await audit(actor, store, {
    action: 'token.remove',
    subject: token.name,
    before: [token.kind, token.role].filter(Boolean).join(' '),
    after: null,
  });
}
