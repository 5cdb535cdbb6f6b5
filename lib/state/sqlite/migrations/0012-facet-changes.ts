import type { Migration } from '../../../sqlite/open-database.ts';

/** When what of a host became what; begun with what the values kept so far tell. */
export const facetChanges: Migration = {
  name: 'facet-changes',
  sql: `
      CREATE TABLE facet_changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        host_id TEXT NOT NULL,
        facet TEXT NOT NULL,
        from_value TEXT,
        to_value TEXT
      ) STRICT;
      CREATE INDEX facet_changes_at ON facet_changes (at);
      CREATE INDEX facet_changes_host ON facet_changes (host_id, facet);
      INSERT INTO facet_changes (at, host_id, facet, from_value, to_value)
        SELECT since, host_id, facet, before, value FROM (
          SELECT since, host_id, facet, value,
            lag(value) OVER (PARTITION BY host_id, facet ORDER BY since) AS before
          FROM facet_values)
        WHERE before IS NOT NULL
        ORDER BY since;
    `,
};
