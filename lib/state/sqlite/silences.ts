import type { DatabaseSync } from 'node:sqlite';
import type { Silence } from '../../model/index.ts';
import { oneOf, optional, type Row, text, textOrNull, texts } from './rows.ts';

const toSilence = (row: Row): Silence => ({
  id: text(row, 'id'),
  kind: oneOf(row, 'kind', ['silence', 'maintenance']),
  hosts: texts(row, 'hosts'),
  rule: textOrNull(row, 'rule'),
  reason: textOrNull(row, 'reason'),
  createdBy: text(row, 'created_by'),
  createdAt: text(row, 'created_at'),
  startsAt: text(row, 'starts_at'),
  endsAt: text(row, 'ends_at'),
  endedAt: textOrNull(row, 'ended_at'),
  endedBy: textOrNull(row, 'ended_by'),
  matchers: texts(row, 'matchers'),
});

export function createSilenceTables(db: DatabaseSync) {
  const sql = {
    put: db.prepare('INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    get: db.prepare('SELECT * FROM silences WHERE id = ?'),
    open: db.prepare('SELECT * FROM silences WHERE ended_at IS NULL AND ends_at > ? ORDER BY ends_at, id'),
    list: db.prepare('SELECT * FROM silences ORDER BY created_at DESC, id LIMIT ?'),
    prune: db.prepare('DELETE FROM silences WHERE coalesce(ended_at, ends_at) < ?'),
  };
  return {
    prune: (before: string): void => void sql.prune.run(before),
    tables: {
      putSilence: (silence: Silence): void =>
        void sql.put.run(
          silence.id,
          silence.kind,
          JSON.stringify(silence.hosts),
          silence.rule,
          silence.reason,
          silence.createdBy,
          silence.createdAt,
          silence.startsAt,
          silence.endsAt,
          silence.endedAt,
          silence.endedBy,
          JSON.stringify(silence.matchers),
        ),
      getSilence: (id: string) => optional(sql.get.get(id), toSilence),
      listOpenSilences: (now: string) => sql.open.all(now).map(toSilence),
      listSilences: (limit: number) => sql.list.all(limit).map(toSilence),
    },
  };
}
