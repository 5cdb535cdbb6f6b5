export interface AuditRecord {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface AuditEntry extends AuditRecord {
  /** Grows with time; the place after which an older page begins. */
  readonly id: number;
}

/** Texts are looked for anywhere in their column, whatever the case of their letters. */
export interface AuditQuery {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** ISO 8601, this one included. */
  readonly from?: string;
  readonly to?: string;
  /** Only entries below this id. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** Who changed what. Written once, never changed. */
export interface AuditStore {
  appendAudit(record: AuditRecord): Promise<void>;
  /** The newest first. */
  listAudit(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
