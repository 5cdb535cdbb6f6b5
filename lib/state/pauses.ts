import type { AuditRecord } from './audit.ts';

/** A pause that people asked of a host; its agent learns it with the next push. Times are ISO 8601 of the hub's clock. */
export interface PauseRecord {
  readonly hostId: string;
  /** Of this asking. */
  readonly id: string;
  readonly askedAt: string;
  readonly until: string;
  /** As in the audit log: `user NAME`. */
  readonly by: string;
  readonly reason: string | null;
}

export interface PausesState {
  /** Those that are over are forgotten. */
  listPauses(now: string): Promise<readonly PauseRecord[]>;
  /** One of each host: a newer takes the older's place. All of them and their lines of the audit log, or none. */
  putPauses(pauses: readonly PauseRecord[], audits: readonly AuditRecord[]): Promise<void>;
  removePauses(hostIds: readonly string[], audits: readonly AuditRecord[]): Promise<void>;
}
