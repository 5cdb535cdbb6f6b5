import type { Role, StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { requireRole } from '../require-role.ts';

export interface TokenSummary {
  readonly kind: 'api' | 'scrape' | 'enroll';
  /** As it was given; of an enrolment token the first digits of its hash. */
  readonly name: string;
  /** Null: it enrols hosts and reads nothing. */
  readonly role: Role | null;
  readonly expiresAt: string | null;
  readonly tokenHash: string;
}

const hashDigits = 12;

/** What an enrolment token is called, since nobody names it. */
export const enrollmentTokenName = (tokenHash: string): string => tokenHash.slice(0, hashDigits);

/** Every token that was made and not removed. Works beside a running hub. */
export async function listTokens(actor: Actor, state: StateStore): Promise<readonly TokenSummary[]> {
  requireRole(actor, 'admin');
  const [named, enrolling] = await Promise.all([state.listApiTokens(), state.listEnrollmentTokens()]);
  const enrollment = enrolling.map(
    ({ tokenHash, expiresAt }): TokenSummary => ({
      kind: 'enroll',
      name: enrollmentTokenName(tokenHash),
      role: null,
      expiresAt,
      tokenHash,
    }),
  );
  return [...named, ...enrollment];
}
