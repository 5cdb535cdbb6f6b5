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

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
}

/** Every secret is stored as its SHA-256 in hex and compared as such; secrets are 256 random bits. */
export interface SessionRecord {
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastSeenAt: string;
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
}

export interface LoginLinkRecord {
  readonly tokenHash: string;
  readonly userId: string;
  readonly expiresAt: string;
}

export interface AuditRecord {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Everything of the hub that is not a time series. Implementations: sqlite. Times are ISO 8601 of the hub's clock. */
export interface StateStore {
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

  listUsers(): Promise<readonly UserRecord[]>;
  getUser(id: string): Promise<UserRecord | null>;
  putUser(user: UserRecord): Promise<void>;

  putSession(session: SessionRecord): Promise<void>;
  getSession(tokenHash: string): Promise<SessionRecord | null>;
  removeSession(tokenHash: string): Promise<void>;

  putEnrollmentToken(token: EnrollmentTokenRecord): Promise<void>;
  getEnrollmentToken(tokenHash: string): Promise<EnrollmentTokenRecord | null>;
  listEnrollmentTokens(): Promise<readonly EnrollmentTokenRecord[]>;
  removeEnrollmentToken(tokenHash: string): Promise<void>;

  putApiToken(token: ApiTokenRecord): Promise<void>;
  getApiToken(tokenHash: string): Promise<ApiTokenRecord | null>;
  listApiTokens(): Promise<readonly ApiTokenRecord[]>;
  removeApiToken(tokenHash: string): Promise<void>;

  putLoginLink(link: LoginLinkRecord): Promise<void>;
  /** Whether it would sign in at `now`; uses nothing up. */
  hasLoginLink(tokenHash: string, now: string): Promise<boolean>;
  /** Returns and deletes it in one step, so that a link works once; null when unknown or expired at `now`. */
  takeLoginLink(tokenHash: string, now: string): Promise<LoginLinkRecord | null>;

  /** Small named values, such as the hub's epoch and CA. */
  getSetting(key: string): Promise<string | null>;
  putSetting(key: string, value: string): Promise<void>;

  appendAudit(record: AuditRecord): Promise<void>;
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
