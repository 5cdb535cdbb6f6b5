import type { AuditRecord } from './audit.ts';

/** What the hub itself says of a host; agents' reports never touch it. */
export interface HubLabelsChange {
  readonly hostId: string;
  readonly hubLabels: Readonly<Record<string, string>>;
  readonly audit: AuditRecord;
}

export interface HubLabelsState {
  /** All of the changes and their lines of the audit log, or none. */
  changeHubLabels(changes: readonly HubLabelsChange[]): Promise<void>;
}
