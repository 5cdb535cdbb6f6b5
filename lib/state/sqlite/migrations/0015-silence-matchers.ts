import type { Migration } from '../../../sqlite/open-database.ts';

export const silenceMatchers: Migration = {
  name: 'silence-matchers',
  sql: "ALTER TABLE silences ADD COLUMN matchers TEXT NOT NULL DEFAULT '[]';",
};
