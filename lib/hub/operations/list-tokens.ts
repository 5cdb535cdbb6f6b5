import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { TokenView } from '../people-views.ts';
import { requireRole } from '../require-role.ts';

const nameDigits = 12;
const idDigits = 16;

/** What an enrolment token is called, since nobody names it. */
export const enrollmentTokenName = (tokenHash: string): string => tokenHash.slice(0, nameDigits);
/** Names a token in addresses; of a hash too little to find anything by. */
export const tokenId = (tokenHash: string): string => tokenHash.slice(0, idDigits);

export interface StoredToken extends TokenView {
  readonly tokenHash: string;
}

/** With their hashes, for the operations on tokens. */
export async function storedTokens(state: StateStore): Promise<readonly StoredToken[]> {
  const [named, enrolling] = await Promise.all([state.listApiTokens(), state.listEnrollmentTokens()]);
  const enrollment = enrolling.map(
    (token): StoredToken => ({
      ...token,
      id: tokenId(token.tokenHash),
      kind: 'enroll',
      name: enrollmentTokenName(token.tokenHash),
      role: null,
      lastUsedAt: null,
    }),
  );
  return [...named.map((token) => ({ ...token, id: tokenId(token.tokenHash), labels: {} })), ...enrollment];
}

/** Every token that was made and not removed. Works beside a running hub. */
export async function listTokens(actor: Actor, state: StateStore): Promise<readonly TokenView[]> {
  requireRole(actor, 'admin');
  return (await storedTokens(state)).map(({ tokenHash: _, ...shown }) => shown);
}
