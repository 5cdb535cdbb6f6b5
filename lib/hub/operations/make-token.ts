import type { ApiTokenRecord, Role, StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret, newSecret } from '../secrets.ts';

export interface NewToken {
  readonly kind: 'api' | 'scrape';
  readonly name: string;
  /** Of an API token; a scrape token reads /metrics and nothing else. */
  readonly role: Role;
  /** Null: until it is removed. */
  readonly expiresAt: string | null;
}

/** Makes a token and returns its secret, which is shown once and stored hashed. Works beside a running hub. */
export async function makeToken(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  token: NewToken,
): Promise<string> {
  requireRole(actor, 'admin');
  const { state, nowMillis } = store;
  const existing = await state.listApiTokens();
  if (existing.some((other) => other.name === token.name))
    throw new HubError('conflict', `There is a token named "${token.name}" already.`);
  const secret = newSecret(token.kind);
  const createdAt = new Date(nowMillis).toISOString();
  const record: ApiTokenRecord = {
    tokenHash: hashSecret(secret),
    name: token.name,
    kind: token.kind,
    role: token.kind === 'scrape' ? 'viewer' : token.role,
    createdAt,
    expiresAt: token.expiresAt,
  };
  await state.putApiToken(record);
  await state.appendAudit({
    at: createdAt,
    actor: actorName(actor),
    action: 'token.create',
    subject: token.name,
    before: null,
    after: `${record.kind} ${record.role}`,
  });
  return secret;
}
