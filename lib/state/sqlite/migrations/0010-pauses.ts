import type { Migration } from '../../../sqlite/open-database.ts';

export const pauses: Migration = {
  name: 'pauses',
  sql: `
      CREATE TABLE host_pauses (
        host_id TEXT PRIMARY KEY,
        id TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        until TEXT NOT NULL,
        asked_by TEXT NOT NULL,
        reason TEXT
      ) STRICT;
    `,
};
