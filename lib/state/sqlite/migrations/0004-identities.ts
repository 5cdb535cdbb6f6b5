import type { Migration } from '../../../sqlite/open-database.ts';

/** No foreign key: a later step that rebuilds `users` would empty this table with it. */
export const identities: Migration = {
  name: 'identities',
  sql: `
      CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (issuer, subject)
      ) STRICT;
    `,
};
