import type { Migration } from '../../sqlite/open-database.ts';

/**
 * Never change a step that was released: add one. Raw readings are in tables `raw_<first id>`, made and dropped
 * whole by raw-segments.ts. Buckets are unix time over 60 s and 3600 s; `_ms` columns are unix milliseconds.
 */
export const historyMigrations: readonly Migration[] = [
  {
    name: 'first',
    sql: `
      CREATE TABLE hosts (id INTEGER PRIMARY KEY AUTOINCREMENT, host_id TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        host INTEGER NOT NULL,
        epoch TEXT NOT NULL,
        sequences BLOB NOT NULL,
        received_ms INTEGER NOT NULL,
        UNIQUE (host, epoch)
      ) STRICT;
      CREATE TABLE tracks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        host INTEGER NOT NULL,
        gpu_uuid TEXT NOT NULL,
        container_id TEXT NOT NULL,
        UNIQUE (host, gpu_uuid, container_id)
      ) STRICT;
      CREATE TABLE segments (
        first_id INTEGER PRIMARY KEY,
        last_id INTEGER NOT NULL,
        opened_ms INTEGER NOT NULL,
        closed_ms INTEGER,
        min_taken_ms INTEGER NOT NULL,
        max_taken_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE rollups_1m (
        track INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (track, bucket)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE rollups_1h (
        track INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (track, bucket)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE watermark (last_id INTEGER NOT NULL) STRICT;
      INSERT INTO watermark VALUES (0);
    `,
  },
  {
    // Of tracks that were there before, the widest is taken: from ever until now.
    name: 'hours of tracks',
    sql: `
      ALTER TABLE tracks ADD COLUMN first_hour INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE tracks ADD COLUMN minutes_hour INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE tracks ADD COLUMN last_hour INTEGER NOT NULL DEFAULT 0;
      UPDATE tracks SET last_hour = unixepoch() / 3600;
      CREATE INDEX tracks_own ON tracks (gpu_uuid) WHERE container_id = '';
      CREATE INDEX tracks_of_containers ON tracks (gpu_uuid, last_hour) WHERE container_id <> '';
      CREATE INDEX tracks_by_first_hour ON tracks (first_hour);
      CREATE INDEX tracks_by_minutes_hour ON tracks (minutes_hour);
    `,
  },
  {
    // As many as rollups.ts has shards; another number needs a step that flushes what is between them.
    name: 'a watermark for each shard',
    sql: `
      CREATE TABLE watermarks (shard INTEGER PRIMARY KEY, last_id INTEGER NOT NULL) STRICT;
      WITH RECURSIVE shards (shard) AS (SELECT 0 UNION ALL SELECT shard + 1 FROM shards WHERE shard < 11)
      INSERT INTO watermarks SELECT shard, last_id FROM shards, watermark;
      DROP TABLE watermark;
    `,
  },
  {
    // `day` is unix time over 86400 s; what is in `data` is in owner-days.ts, and in owners' as JSON a HistoryOwner.
    name: 'accounts of owners',
    sql: `
      CREATE TABLE owners (
        host INTEGER NOT NULL,
        owner_key TEXT NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (host, owner_key)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE owner_days (
        track INTEGER NOT NULL,
        day INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (track, day)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX tracks_of_owner ON tracks (container_id, host) WHERE container_id <> '';
      CREATE INDEX tracks_of_owners_by_hour ON tracks (last_hour) WHERE container_id <> '';
    `,
  },
];
