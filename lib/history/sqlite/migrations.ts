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
];
