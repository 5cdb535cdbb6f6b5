import type { DatabaseSync } from 'node:sqlite';
import { type Baseline, facetNames } from '../../model/index.ts';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { FacetValueRecord } from '../state-store.ts';
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

export interface VersionsTables {
  listBaselines(): readonly Baseline[];
  putBaseline(baseline: Baseline): void;
  removeBaseline(baseline: Pick<Baseline, 'group' | 'facet' | 'kind'>): void;
  listFacetValues(): readonly FacetValueRecord[];
  addFacetValues(records: readonly FacetValueRecord[]): void;
  removeFacetValues(hostIds: readonly string[]): void;
}

/** Baselines and the values of facets; a few rows a day, so nothing here is kept in memory. */
export function createVersionsTables(db: DatabaseSync): VersionsTables {
  const sql = {
    baselines: db.prepare('SELECT * FROM baselines ORDER BY group_name, facet, kind'),
    putBaseline: db.prepare(
      `INSERT OR REPLACE INTO baselines (group_name, facet, kind, value, since, set_by)
      VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    removeBaseline: db.prepare('DELETE FROM baselines WHERE group_name = ? AND facet = ? AND kind = ?'),
    values: db.prepare('SELECT * FROM facet_values ORDER BY host_id, facet, since'),
    addValue: db.prepare(
      'INSERT OR REPLACE INTO facet_values (host_id, facet, since, value) VALUES (?, ?, ?, ?)',
    ),
    cut: db.prepare(`DELETE FROM facet_values WHERE host_id = ?1 AND facet = ?2 AND since <= (
      SELECT since FROM facet_values WHERE host_id = ?1 AND facet = ?2
      ORDER BY since DESC LIMIT 1 OFFSET ${mostValues})`),
    removeValues: db.prepare('DELETE FROM facet_values WHERE host_id = ?'),
  };
  return {
    listBaselines: () => sql.baselines.all().map(toBaseline),
    putBaseline({ group, facet, kind, value, since, by }) {
      sql.putBaseline.run(group, facet, kind, value, since, by);
    },
    removeBaseline: ({ group, facet, kind }) => void sql.removeBaseline.run(group, facet, kind),
    listFacetValues: () => sql.values.all().map(toFacetValue),
    addFacetValues: (records) =>
      inTransaction(db, () => {
        for (const { hostId, facet, since, value } of records) {
          sql.addValue.run(hostId, facet, since, value);
          sql.cut.run(hostId, facet);
        }
      }),
    removeFacetValues: (hostIds) =>
      inTransaction(db, () => {
        for (const hostId of hostIds) sql.removeValues.run(hostId);
      }),
  };
}
