import type { AlertStore } from './alerts.ts';
import type { AuditStore } from './audit.ts';
import type { HostLivesState } from './host-lives.ts';
import type { HubLabelsState } from './hub-labels.ts';
import type { PausesState } from './pauses.ts';
import type { PeopleStore } from './people.ts';
import type { RolloutStore } from './rollouts.ts';
import type { SshState } from './ssh.ts';
import type { VersionsState } from './versions.ts';

export type * from './alerts.ts';
export * from './audit.ts';
export * from './host-lives.ts';
export * from './hub-labels.ts';
export type * from './pauses.ts';
export * from './people.ts';
export type * from './rollouts.ts';
export type * from './ssh.ts';
export * from './versions.ts';

import type { IdentityStore } from './identities.ts';

export * from './identities.ts';

export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface HostRecord {
  readonly id: string;
  readonly hostname: string;
  /** SHA-256 of the credential that owns this host id, hex; null until enrolled. */
  readonly credentialHash: string | null;
  readonly enrolledAt: string;
  readonly lastReportAt: string | null;
  /** Last report as JSON, so that a restarted hub can show what it knew (as not current). */
  readonly lastReport: string | null;
  readonly agentLabels: Readonly<Record<string, string>>;
  readonly hubLabels: Readonly<Record<string, string>>;
}

export interface EnrollmentTokenRecord {
  readonly tokenHash: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly createdBy: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ApiTokenRecord {
  readonly tokenHash: string;
  readonly name: string;
  readonly kind: 'api' | 'scrape';
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** As in the audit log: `user NAME`. */
  readonly createdBy: string;
  /** Written rarely; null: never used. */
  readonly lastUsedAt: string | null;
}

/** Everything of the hub that is not a time series. Implementations: sqlite. Times are ISO 8601 of the hub's clock. */
/** In the place of a channel's address that was sealed with a key that is not there. */
export const unreadableAddress = 'sealed:unreadable';

/** Seals what must not lie in the database as it is. */
export interface StateSecrets {
  seal(text: string): string;
  /** Throws an Error with one line when it was sealed with another key. */
  open(sealed: string): string;
}

export interface StateStore
  extends PeopleStore,
    IdentityStore,
    AuditStore,
    VersionsState,
    AlertStore,
    RolloutStore,
    HubLabelsState,
    HostLivesState,
    PausesState,
    SshState {
  listHosts(): Promise<readonly HostRecord[]>;
  getHost(id: string): Promise<HostRecord | null>;
  /** Only the id: asked for every push, so the host's last report is not read along. */
  findHostIdByCredential(credentialHash: string): Promise<string | null>;
  putHost(host: HostRecord): Promise<void>;
  /** Batched write-behind of what reports change; cheap enough for every report of a thousand hosts. */
  noteReports(
    notes: readonly Pick<HostRecord, 'id' | 'hostname' | 'lastReportAt' | 'lastReport' | 'agentLabels'>[],
  ): Promise<void>;
  removeHost(id: string): Promise<void>;

  putEnrollmentToken(token: EnrollmentTokenRecord): Promise<void>;
  getEnrollmentToken(tokenHash: string): Promise<EnrollmentTokenRecord | null>;
  listEnrollmentTokens(): Promise<readonly EnrollmentTokenRecord[]>;
  removeEnrollmentToken(tokenHash: string): Promise<void>;

  putApiToken(token: ApiTokenRecord): Promise<void>;
  getApiToken(tokenHash: string): Promise<ApiTokenRecord | null>;
  listApiTokens(): Promise<readonly ApiTokenRecord[]>;
  removeApiToken(tokenHash: string): Promise<void>;
  /** Notes its use; does not bring back one that was removed meanwhile. */
  touchApiToken(tokenHash: string, lastUsedAt: string): Promise<void>;

  /** Small named values, such as the hub's epoch and CA. */
  getSetting(key: string): Promise<string | null>;
  putSetting(key: string, value: string): Promise<void>;

  close(): Promise<void>;
}

/**
 * One line for a person: what and where. `cannot-open` covers unwritable folder, corrupt file and newer schema;
 * `too-large` is a question that asks for more than is read at once, and would be refused again.
 */
export class StoreError extends Error {
  readonly code: 'cannot-open' | 'unwritable' | 'corrupt' | 'newer-schema' | 'full' | 'too-large' | 'failed';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
