import type { Role } from './state-store.ts';

export interface UserRecord {
  readonly id: string;
  /** Unique, whatever the case of its letters. */
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  /** As lib/hub/password.ts writes it; null: signs in by another way. */
  readonly passwordHash: string | null;
  /** Null: may sign in. */
  readonly disabledAt: string | null;
  /** Written rarely, as a session's last use is; null: never signed in. */
  readonly lastSeenAt: string | null;
}

export type UserChange = Partial<Pick<UserRecord, 'role' | 'passwordHash' | 'disabledAt'>>;

/** `last-admin`: nothing was changed, since no administrator who may sign in would be left. */
export type UserOutcome = 'done' | 'no-such-user' | 'last-admin';

export const sessionBeginnings = ['link', 'password', 'invitation', 'oidc', 'proxy'] as const;
export type SessionBeginning = (typeof sessionBeginnings)[number];

/** Every secret is stored as its SHA-256 in hex and compared as such; secrets are 256 random bits. */
export interface SessionRecord {
  /** Public: names the session in lists, and opens nothing. */
  readonly id: string;
  readonly tokenHash: string;
  readonly userId: string;
  readonly how: SessionBeginning;
  /** Address that it began from. */
  readonly peer: string;
  readonly userAgent: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastSeenAt: string;
}

export interface LoginLinkRecord {
  readonly tokenHash: string;
  readonly userId: string;
  readonly expiresAt: string;
}

export interface InvitationRecord {
  /** Public, as a session's. */
  readonly id: string;
  readonly tokenHash: string;
  /** Null: whoever accepts chooses one. */
  readonly name: string | null;
  readonly role: Role;
  /** As in the audit log: `user NAME`. */
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Null: still open, or expired. */
  readonly acceptedAt: string | null;
}

/** Users and how they sign in. */
export interface PeopleStore {
  listUsers(): Promise<readonly UserRecord[]>;
  getUser(id: string): Promise<UserRecord | null>;
  /** Whatever the case of its letters. */
  findUser(name: string): Promise<UserRecord | null>;
  /** False: the name is taken. */
  addUser(user: UserRecord): Promise<boolean>;
  /** In one step with the check for the last administrator. Disabling ends sessions and login links too. */
  changeUser(id: string, change: UserChange): Promise<UserOutcome>;
  /** The same, with everything by which the user could sign in. */
  removeUser(id: string): Promise<UserOutcome>;

  putSession(session: SessionRecord): Promise<void>;
  getSession(tokenHash: string): Promise<SessionRecord | null>;
  /** Those that last at `now`, the newest first; null: of every user. */
  listSessions(userId: string | null, now: string): Promise<readonly SessionRecord[]>;
  /** Notes its use, and its user's; does not bring back one that was ended meanwhile. */
  touchSession(tokenHash: string, use: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>): Promise<void>;
  removeSession(tokenHash: string): Promise<void>;
  /** Of a user, but for the one kept. Login links go too. Returns how many sessions ended. */
  removeSessions(userId: string, keptId: string | null): Promise<number>;

  putLoginLink(link: LoginLinkRecord): Promise<void>;
  /** Of whom the link is, if it would sign in at `now`; uses nothing up. */
  peekLoginLink(tokenHash: string, now: string): Promise<LoginLinkRecord | null>;
  /** Returns and deletes it in one step, so that a link works once; null when unknown or expired at `now`. */
  takeLoginLink(tokenHash: string, now: string): Promise<LoginLinkRecord | null>;

  putInvitation(invitation: InvitationRecord): Promise<void>;
  /** Also one that was accepted or has expired, for a while, so that its page can say so. */
  getInvitation(tokenHash: string): Promise<InvitationRecord | null>;
  /** The open ones at `now`, the newest first. */
  listInvitations(now: string): Promise<readonly InvitationRecord[]>;
  /** Makes the user and uses the invitation up, in one step. */
  acceptInvitation(tokenHash: string, user: UserRecord): Promise<'done' | 'gone' | 'name-taken'>;
  /** False: there is none. */
  removeInvitation(id: string): Promise<boolean>;
  /** The open ones that someone made. Returns how many. */
  removeInvitationsBy(createdBy: string): Promise<number>;
}
