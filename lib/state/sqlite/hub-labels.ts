import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { AuditRecord, HubLabelsChange } from '../state-store.ts';

export interface HubLabelsTable {
  changeHubLabels(changes: readonly HubLabelsChange[]): void;
}

/** Labels that people gave, written together with who did it. */
export function createHubLabelsTable(
  db: DatabaseSync,
  appendAudit: (record: AuditRecord) => void,
): HubLabelsTable {
  const put = db.prepare('UPDATE hosts SET hub_labels = ? WHERE id = ?');
  return {
    changeHubLabels: (changes) =>
      inTransaction(db, () => {
        for (const { hostId, hubLabels, audit } of changes) {
          put.run(JSON.stringify(hubLabels), hostId);
          appendAudit(audit);
        }
      }),
  };
}
