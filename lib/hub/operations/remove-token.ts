import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { HubError } from '../errors.ts';
import { actorName } from '../require-role.ts';
import { listTokens } from './list-tokens.ts';

/** Ends a token at once, by the name that the list shows. Throws `not-found`. Works beside a running hub. */
export async function removeToken(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  name: string,
): Promise<void> {
  const { state, nowMillis } = store;
  const token = (await listTokens(actor, state)).find((other) => other.name === name);
  if (token === undefined) throw new HubError('not-found', `There is no token named "${name}".`);
  if (token.kind === 'enroll') await state.removeEnrollmentToken(token.tokenHash);
  else await state.removeApiToken(token.tokenHash);
  await state.appendAudit({
    at: new Date(nowMillis).toISOString(),
    actor: actorName(actor),
    action: 'token.remove',
    subject: name,
    before: [token.kind, token.role].filter(Boolean).join(' '),
    after: null,
  });
}
