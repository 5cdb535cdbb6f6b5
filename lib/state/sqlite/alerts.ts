import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Acknowledgement, type AlertFacts, alertPhases } from '../../model/index.ts';
import type { AlertPage, AlertQuery, AlertRecord } from '../alerts.ts';
import { oneOf, optional, parsed, type Row, text, textOrNull, texts, whole } from './rows.ts';

const toAlert = (row: Row): AlertRecord => ({
  id: text(row, 'id'),
  rule: text(row, 'rule'),
  subject: text(row, 'subject'),
  phase: oneOf(row, 'phase', alertPhases),
  beganAt: text(row, 'began_at'),
  firedAt: textOrNull(row, 'fired_at'),
  resolvedAt: textOrNull(row, 'resolved_at'),
  resolution: textOrNull(row, 'resolution'),
  heldMillis: whole(row, 'held_millis'),
  facts: parsed(row, 'facts') as AlertFacts,
  acknowledged: parsed(row, 'acknowledged') as Acknowledgement | null,
  told: texts(row, 'told'),
});

/** LIKE without its signs. */
const likeText = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

/** WHERE clause and values of a query, without its cursor. */
function filterOf(query: AlertQuery): readonly [sql: string, values: readonly SQLInputValue[]] {
  const parts: [string, ...SQLInputValue[]][] = [
    [`phase IN (${query.phases.map(() => '?').join(', ')})`, ...query.phases],
  ];
  if (query.rule !== undefined) parts.push(['rule = ?', query.rule]);
  if (query.severity !== undefined) parts.push(["json_extract(facts, '$.severity') = ?", query.severity]);
  if (query.hostId !== undefined)
    parts.push([
      "EXISTS (SELECT 1 FROM json_each(facts, '$.hosts') WHERE json_extract(value, '$.id') = ?)",
      query.hostId,
    ]);
  for (const word of query.words)
    parts.push([
      "(rule || ' ' || facts || ' ' || coalesce(resolution, '')) LIKE ? ESCAPE '\\'",
      likeText(word),
    ]);
  return [parts.map(([sql]) => sql).join(' AND '), parts.flatMap(([, ...values]) => values)];
}

/** Alerts, open ones and history. */
export function createAlertTables(db: DatabaseSync) {
  const sql = {
    put: db.prepare(`INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
      phase = excluded.phase, fired_at = excluded.fired_at, resolved_at = excluded.resolved_at,
      resolution = excluded.resolution, held_millis = excluded.held_millis, facts = excluded.facts,
      acknowledged = excluded.acknowledged, told = excluded.told`),
    remove: db.prepare('DELETE FROM alerts WHERE id = ?'),
    open: db.prepare("SELECT * FROM alerts WHERE phase <> 'resolved' ORDER BY began_at, id"),
    get: db.prepare('SELECT * FROM alerts WHERE id = ?'),
    resolvedSince: db.prepare(
      "SELECT * FROM alerts WHERE phase = 'resolved' AND resolved_at >= ? ORDER BY resolved_at, id",
    ),
    prune: db.prepare("DELETE FROM alerts WHERE phase = 'resolved' AND resolved_at < ?"),
  };
  const put = (alert: AlertRecord): void =>
    void sql.put.run(
      alert.id,
      alert.rule,
      alert.subject,
      alert.phase,
      alert.beganAt,
      alert.firedAt,
      alert.resolvedAt,
      alert.resolution,
      Math.round(alert.heldMillis),
      JSON.stringify(alert.facts),
      JSON.stringify(alert.acknowledged),
      JSON.stringify(alert.told),
    );
  return {
    put,
    prune: (before: string): void => void sql.prune.run(before),
    remove: (id: string): void => void sql.remove.run(id),
    tables: {
      listOpenAlerts: () => sql.open.all().map(toAlert),
      listResolvedSince: (since: string) => sql.resolvedSince.all(since).map(toAlert),
      getAlert: (id: string) => optional(sql.get.get(id), toAlert),
      listAlerts(query: AlertQuery): AlertPage {
        const [where, values] = filterOf(query);
        const counted = db.prepare(`SELECT count(*) AS n FROM alerts WHERE ${where}`).get(...values);
        const after = query.before === undefined ? '' : 'AND (began_at, id) < (?, ?)';
        const cursor = query.before === undefined ? [] : [query.before.beganAt, query.before.id];
        const rows = db
          .prepare(`SELECT * FROM alerts WHERE ${where} ${after} ORDER BY began_at DESC, id DESC LIMIT ?`)
          .all(...values, ...cursor, query.limit);
        return { alerts: rows.map(toAlert), total: Number(counted?.['n']) };
      },
    },
  };
}
