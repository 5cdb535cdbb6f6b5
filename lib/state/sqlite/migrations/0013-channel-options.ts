import type { Migration } from '../../../sqlite/open-database.ts';

export const channelOptions: Migration = {
  name: 'channel-options',
  sql: `
      ALTER TABLE channels ADD COLUMN options TEXT NOT NULL
        DEFAULT '{"to":[],"from":null,"user":null,"title":null,"line":null}';
      CREATE INDEX alerts_by_end ON alerts (resolved_at) WHERE phase = 'resolved';
    `,
};
