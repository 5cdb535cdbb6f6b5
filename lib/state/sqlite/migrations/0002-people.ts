import type { Migration } from '../../../sqlite/open-database.ts';

export const people: Migration = {
  name: 'people',
  sql: `
      ALTER TABLE users ADD COLUMN password_hash TEXT;
      ALTER TABLE users ADD COLUMN disabled_at TEXT;
      ALTER TABLE users ADD COLUMN last_seen_at TEXT;
      CREATE UNIQUE INDEX users_by_name ON users (name COLLATE NOCASE);
      ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
      ALTER TABLE sessions ADD COLUMN how TEXT NOT NULL DEFAULT 'link';
      ALTER TABLE sessions ADD COLUMN peer TEXT NOT NULL DEFAULT 'unknown';
      ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
      UPDATE sessions SET id = lower(hex(randomblob(8)));
      CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
      CREATE INDEX sessions_by_user ON sessions (user_id);
      CREATE TABLE invitations (
        token_hash TEXT PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT,
        role TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        accepted_at TEXT
      ) STRICT;
      ALTER TABLE api_tokens ADD COLUMN created_by TEXT NOT NULL DEFAULT 'system';
      ALTER TABLE api_tokens ADD COLUMN last_used_at TEXT;
    `,
};
