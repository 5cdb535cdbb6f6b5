import type { Role, UserRecord } from './state-store.ts';

/** Who a user is to someone outside: a provider's issuer and its subject, never an e-mail address or a name. */
export interface IdentityRecord {
  /** URL of the OpenID Connect issuer, or `proxy`. */
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  readonly createdAt: string;
}

export interface IdentityStore {
  getIdentity(issuer: string, subject: string): Promise<IdentityRecord | null>;
  listIdentities(): Promise<readonly IdentityRecord[]>;
  /** Both or neither; an identity whose user was removed gets the new one. False: the name is taken. */
  addExternalUser(user: UserRecord, identity: IdentityRecord): Promise<boolean>;
  /** What a provider says counts, also of the last administrator. False: the name is taken. */
  changeExternalUser(id: string, change: { readonly name: string; readonly role: Role }): Promise<boolean>;
  /** Notes that a user without a session was here. */
  noteExternalUse(id: string, at: string): Promise<void>;
}
