import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { AuditRecord, PauseRecord } from '../state-store.ts';
import { type Row, text, textOrNull } from './rows.ts';

const toPause = (row: Row): PauseRecord => ({
  hostId: text(row, 'host_id'),
  id: text(row, 'id'),
  askedAt: text(row, 'asked_at'),
  until: text(row, 'until'),
  by: text(row, 'asked_by'),
  reason: textOrNull(row, 'reason'),
});

/** What people asked of agents, written together with who did it. */
export function createPausesTable(db: DatabaseSync, appendAudit: (record: AuditRecord) => void) {
  const sql = {
    list: db.prepare('SELECT * FROM host_pauses ORDER BY host_id'),
    put: db.prepare('INSERT OR REPLACE INTO host_pauses VALUES (?, ?, ?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM host_pauses WHERE host_id = ?'),
    forget: db.prepare('DELETE FROM host_pauses WHERE until <= ?'),
  };
  return {
    listPauses(now: string): readonly PauseRecord[] {
      sql.forget.run(now);
      return sql.list.all().map(toPause);
    },
    putPauses: (pauses: readonly PauseRecord[], audits: readonly AuditRecord[]): void =>
      inTransaction(db, () => {
        for (const { hostId, id, askedAt, until, by, reason } of pauses)
          sql.put.run(hostId, id, askedAt, until, by, reason);
        for (const each of audits) appendAudit(each);
      }),
    removePauses: (hostIds: readonly string[], audits: readonly AuditRecord[]): void =>
      inTransaction(db, () => {
        for (const hostId of hostIds) sql.remove.run(hostId);
        for (const each of audits) appendAudit(each);
      }),
  };
}
