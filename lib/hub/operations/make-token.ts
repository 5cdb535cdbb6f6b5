import type { ApiTokenRecord, Role, StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
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

const mostNameCharacters = 100;

/** One line, so that it cannot pass for two in a list or a log. */
function checkTokenName(name: string): void {
  if (name.trim() === name && name !== '' && name.length <= mostNameCharacters && !/\p{C}/u.test(name))
    return;
  const detail = `A name is one line of 1 to ${mostNameCharacters} characters, without spaces around it.`;
  throw new HubError('unprocessable', detail, { errors: [{ pointer: '/name', detail }] });
}

/** Makes a token and returns its secret, which is shown once and stored hashed. Works beside a running hub. */
export async function makeToken(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  token: NewToken,
): Promise<string> {
  requireRole(actor, 'admin');
  checkTokenName(token.name);
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
    createdBy: actorName(actor),
    lastUsedAt: null,
  };
  await state.putApiToken(record);
  await audit(actor, store, {
    action: 'token.create',
    subject: token.name,
    before: null,
    after: `${record.kind} ${record.role}`,
  });
  return secret;
}
