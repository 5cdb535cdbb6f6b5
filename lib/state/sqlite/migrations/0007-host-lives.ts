import type { Migration } from '../../../sqlite/open-database.ts';

export const hostLives: Migration = {
  name: 'host-lives',
  sql: `
      CREATE TABLE host_claims (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        host_id TEXT,
        hostname TEXT,
        peer TEXT NOT NULL,
        first_at TEXT NOT NULL,
        last_at TEXT NOT NULL,
        count INTEGER NOT NULL,
        dismissed_at TEXT
      ) STRICT;
      CREATE TABLE retired_credentials (
        hash TEXT PRIMARY KEY,
        host_id TEXT NOT NULL,
        hostname TEXT NOT NULL,
        at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE former_names (
        host_id TEXT NOT NULL,
        until TEXT NOT NULL,
        hostname TEXT NOT NULL,
        PRIMARY KEY (host_id, until)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE kept_pairs (pair TEXT PRIMARY KEY) STRICT;
    `,
};
