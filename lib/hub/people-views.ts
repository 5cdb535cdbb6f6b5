import type { AuditEntry, Role, SessionBeginning } from '../state/state-store.ts';

/** A user as administrators see one. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly disabledAt: string | null;
  readonly lastSeenAt: string | null;
  readonly hasPassword: boolean;
  /** Through what they sign in elsewhere: `proxy`, or a provider's URL. */
  readonly issuers: readonly string[];
  readonly sessionCount: number;
}

export interface InvitationView {
  readonly id: string;
  /** Null: whoever accepts chooses one. */
  readonly name: string | null;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** Shown once. */
export interface NewInvitation extends InvitationView {
  /** Path of its page on the hub, with the secret in it. */
  readonly path: string;
}

/** What the page of an invitation says to whoever has its link. */
export type InvitationState =
  | {
      readonly state: 'open';
      readonly name: string | null;
      readonly role: Role;
      readonly createdBy: string;
      readonly expiresAt: string;
    }
  | { readonly state: 'expired'; readonly expiresAt: string }
  | { readonly state: 'used'; readonly acceptedAt: string }
  | { readonly state: 'unknown' };

export interface SessionView {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly how: SessionBeginning;
  readonly peer: string;
  readonly userAgent: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  /** The one that asks. */
  readonly isCurrent: boolean;
}

export interface TokenView {
  readonly id: string;
  readonly kind: 'api' | 'scrape' | 'enroll';
  /** As it was given; of an enrolment token the first digits of its hash. */
  readonly name: string;
  /** Null: it enrols hosts and reads nothing. */
  readonly role: Role | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** Null: never, or not kept (enrolment). */
  readonly lastUsedAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who asks. */
export interface AccountView {
  readonly kind: 'user' | 'token';
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null: a token has none. */
  readonly password: 'set' | 'none' | 'elsewhere' | null;
  /** Whether this session may set a password without telling the present one. */
  readonly isFresh: boolean;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

export interface AuditAsk {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}
