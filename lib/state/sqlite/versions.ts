import type { DatabaseSync } from 'node:sqlite';
import { type Baseline, type FacetChange, facetNames } from '../../model/index.ts';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { FacetChangesAsk, FacetValueRecord } from '../state-store.ts';
import { oneOf, type Row, text, textOrNull } from './rows.ts';

/** Values kept of each host and facet; one that changes to and fro must not fill the disk. */
const mostValues = 20;

const toBaseline = (row: Row): Baseline => ({
  group: text(row, 'group_name'),
  facet: oneOf(row, 'facet', facetNames),
  kind: oneOf(row, 'kind', ['declared', 'accepted', 'inferred']),
  value: text(row, 'value'),
  since: text(row, 'since'),
  by: textOrNull(row, 'set_by'),
});

const toFacetValue = (row: Row): FacetValueRecord => ({
  hostId: text(row, 'host_id'),
  facet: oneOf(row, 'facet', facetNames),
  value: text(row, 'value'),
  since: text(row, 'since'),
});

const toChange = (row: Row): FacetChange => ({
  at: text(row, 'at'),
  hostId: text(row, 'host_id'),
  facet: oneOf(row, 'facet', facetNames),
  from: textOrNull(row, 'from_value'),
  to: textOrNull(row, 'to_value'),
});

/** Facets of another version of the hub are left out: nothing here could show them. */
const known = `facet IN (${facetNames.map((name) => `'${name}'`).join(', ')})`;

function listChanges(db: DatabaseSync, ask: FacetChangesAsk): readonly FacetChange[] {
  const { from, to, facets, hostId, limit } = ask;
  const conditions = [known];
  const values: string[] = [];
  const where = (condition: string, ...own: readonly string[]) => {
    conditions.push(condition);
    values.push(...own);
  };
  if (from !== undefined) where('at >= ?', from);
  if (to !== undefined) where('at < ?', to);
  if (hostId !== undefined) where('host_id = ?', hostId);
  if (facets !== undefined) where(`facet IN (${facets.map(() => '?').join(', ')})`, ...facets);
  const sql = `SELECT * FROM facet_changes WHERE ${conditions.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ?`;
  return db
    .prepare(sql)
    .all(...values, limit)
    .map(toChange);
}

export interface VersionsTables {
  listBaselines(): readonly Baseline[];
  putBaseline(baseline: Baseline): void;
  removeBaseline(baseline: Pick<Baseline, 'group' | 'facet' | 'kind'>): void;
  listFacetValues(): readonly FacetValueRecord[];
  addFacetValues(records: readonly FacetValueRecord[], changes: readonly FacetChange[]): void;
  listFacetChanges(ask: FacetChangesAsk): readonly FacetChange[];
  listGoneFacets(): readonly Pick<FacetChange, 'hostId' | 'facet'>[];
  pruneFacetChanges(before: string, most: number): void;
  removeFacetValues(hostIds: readonly string[]): void;
}

/** Baselines and the values of facets; a few rows a day, so nothing here is kept in memory. */
export function createVersionsTables(db: DatabaseSync): VersionsTables {
  const sql = {
    baselines: db.prepare(`SELECT * FROM baselines WHERE ${known} ORDER BY group_name, facet, kind`),
    putBaseline: db.prepare(
      `INSERT OR REPLACE INTO baselines (group_name, facet, kind, value, since, set_by)
      VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    removeBaseline: db.prepare('DELETE FROM baselines WHERE group_name = ? AND facet = ? AND kind = ?'),
    values: db.prepare(`SELECT * FROM facet_values WHERE ${known} ORDER BY host_id, facet, since`),
    addValue: db.prepare(
      'INSERT OR REPLACE INTO facet_values (host_id, facet, since, value) VALUES (?, ?, ?, ?)',
    ),
    cut: db.prepare(`DELETE FROM facet_values WHERE host_id = ?1 AND facet = ?2 AND since <= (
      SELECT since FROM facet_values WHERE host_id = ?1 AND facet = ?2
      ORDER BY since DESC LIMIT 1 OFFSET ${mostValues})`),
    addChange: db.prepare(
      'INSERT INTO facet_changes (at, host_id, facet, from_value, to_value) VALUES (?, ?, ?, ?, ?)',
    ),
    gone: db.prepare(`SELECT host_id, facet FROM facet_changes AS one WHERE to_value IS NULL AND ${known} AND id =
      (SELECT max(id) FROM facet_changes WHERE host_id = one.host_id AND facet = one.facet)`),
    pruneByTime: db.prepare('DELETE FROM facet_changes WHERE at < ?'),
    pruneByCount: db.prepare(`DELETE FROM facet_changes WHERE id <=
      (SELECT id FROM facet_changes ORDER BY id DESC LIMIT 1 OFFSET ?)`),
    removeChanges: db.prepare('DELETE FROM facet_changes WHERE host_id = ?'),
    removeValues: db.prepare('DELETE FROM facet_values WHERE host_id = ?'),
  };
  return {
    listBaselines: () => sql.baselines.all().map(toBaseline),
    putBaseline({ group, facet, kind, value, since, by }) {
      sql.putBaseline.run(group, facet, kind, value, since, by);
    },
    removeBaseline: ({ group, facet, kind }) => void sql.removeBaseline.run(group, facet, kind),
    listFacetValues: () => sql.values.all().map(toFacetValue),
    addFacetValues: (records, changes) =>
      inTransaction(db, () => {
        for (const { hostId, facet, since, value } of records) {
          sql.addValue.run(hostId, facet, since, value);
          sql.cut.run(hostId, facet);
        }
        for (const { at, hostId, facet, from, to } of changes) sql.addChange.run(at, hostId, facet, from, to);
      }),
    listFacetChanges: (ask) => listChanges(db, ask),
    listGoneFacets: () =>
      sql.gone.all().map((row) => ({ hostId: text(row, 'host_id'), facet: oneOf(row, 'facet', facetNames) })),
    pruneFacetChanges: (before, most) =>
      inTransaction(db, () => {
        sql.pruneByTime.run(before);
        sql.pruneByCount.run(most);
      }),
    removeFacetValues: (hostIds) =>
      inTransaction(db, () => {
        for (const hostId of hostIds) {
          sql.removeValues.run(hostId);
          sql.removeChanges.run(hostId);
        }
      }),
  };
}
