import type { Migration } from '../../../sqlite/open-database.ts';

export const versions: Migration = {
  name: 'versions',
  sql: `
      CREATE TABLE baselines (
        group_name TEXT NOT NULL,
        facet TEXT NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        since TEXT NOT NULL,
        set_by TEXT,
        PRIMARY KEY (group_name, facet, kind)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE facet_values (
        host_id TEXT NOT NULL,
        facet TEXT NOT NULL,
        since TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (host_id, facet, since)
      ) STRICT, WITHOUT ROWID;
    `,
};
