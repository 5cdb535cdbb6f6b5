import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry, AuditQuery, AuditRecord } from '../state-store.ts';
import { type Row, text, textOrNull, whole } from './rows.ts';

const toEntry = (row: Row): AuditEntry => ({
  id: whole(row, 'id'),
  at: text(row, 'at'),
  actor: text(row, 'actor'),
  action: text(row, 'action'),
  subject: text(row, 'subject'),
  before: textOrNull(row, 'before'),
  after: textOrNull(row, 'after'),
});

export interface AuditTable {
  appendAudit(record: AuditRecord): void;
  listAudit(query: AuditQuery): readonly AuditEntry[];
}

/** Who changed what; read from the newest back. */
export function createAuditTable(db: DatabaseSync): AuditTable {
  const sql = {
    append: db.prepare(
      'INSERT INTO audit (at, actor, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    list: db.prepare(`SELECT * FROM audit
      WHERE id < ?1 AND at >= ?2 AND at <= ?3
        AND (?4 = '' OR instr(lower(actor), lower(?4))) AND (?5 = '' OR instr(lower(action), lower(?5)))
        AND (?6 = '' OR instr(lower(subject), lower(?6)))
      ORDER BY id DESC LIMIT ?7`),
  };
  return {
    appendAudit: ({ at, actor, action, subject, before, after }) =>
      void sql.append.run(at, actor, action, subject, before, after),
    listAudit: ({ actor = '', action = '', subject = '', from = '', to = '~', beforeId, limit }) =>
      sql.list.all(beforeId ?? Number.MAX_SAFE_INTEGER, from, to, actor, action, subject, limit).map(toEntry),
  };
}
