import type { Migration } from '../../../sqlite/open-database.ts';

export const alerts: Migration = {
  name: 'alerts',
  sql: `
      CREATE TABLE alerts (
        id TEXT PRIMARY KEY,
        rule TEXT NOT NULL,
        subject TEXT NOT NULL,
        phase TEXT NOT NULL,
        began_at TEXT NOT NULL,
        fired_at TEXT,
        resolved_at TEXT,
        resolution TEXT,
        held_millis INTEGER NOT NULL,
        facts TEXT NOT NULL,
        acknowledged TEXT,
        told TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX alerts_open ON alerts (rule, subject) WHERE phase <> 'resolved';
      CREATE INDEX alerts_by_time ON alerts (began_at, id);
      CREATE TABLE silences (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        hosts TEXT NOT NULL,
        rule TEXT,
        reason TEXT,
        created_by TEXT NOT NULL,
        created_at TEXT NOT NULL,
        starts_at TEXT NOT NULL,
        ends_at TEXT NOT NULL,
        ended_at TEXT,
        ended_by TEXT
      ) STRICT;
      CREATE TABLE channels (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL UNIQUE,
        url TEXT NOT NULL,
        secret TEXT,
        source TEXT NOT NULL,
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL
      ) STRICT;
      CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        channel_id TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
        event TEXT NOT NULL,
        cause TEXT NOT NULL,
        alert_ids TEXT NOT NULL,
        created_at TEXT NOT NULL,
        state TEXT NOT NULL,
        body TEXT,
        attempts INTEGER NOT NULL,
        refusals INTEGER NOT NULL,
        next_attempt_at TEXT,
        finished_at TEXT,
        last_error TEXT
      ) STRICT;
      CREATE INDEX deliveries_waiting ON deliveries (channel_id, number) WHERE state = 'waiting';
    `,
};
