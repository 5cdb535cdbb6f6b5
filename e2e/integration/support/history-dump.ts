import { DatabaseSync } from 'node:sqlite';
import { storedMetrics } from '../../../lib/history/sqlite/metrics.ts';
import { createRawSegments } from '../../../lib/history/sqlite/raw-segments.ts';
import { eachNumber } from '../../../lib/history/sqlite/reading.ts';
import { createRollups, type Rollups, rollupShards } from '../../../lib/history/sqlite/rollups.ts';

export interface HistoryDump {
  /** `host epoch sequence taken_ms` and what it holds, by GPU, container and metric; sorted. */
  readonly raw: readonly string[];
  /** `gpu container metric minute` and count, sum, min, max; sorted. */
  readonly minutes: readonly string[];
  readonly hours: readonly string[];
}

type Row = Record<string, unknown>;

/** Everything in a history database of a hub that has stopped. Ids of rows, which depend on the order of arrival, are left out. */
export function dumpHistory(file: string): HistoryDump {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const all = (sql: string): Row[] => db.prepare(sql).all() as Row[];
    const hosts = new Map(all('SELECT * FROM hosts').map((row) => [row['id'], String(row['host_id'])]));
    const streams = new Map(all('SELECT * FROM streams').map((row) => [row['id'], String(row['epoch'])]));
    const tracks = new Map(
      all('SELECT * FROM tracks').map((row) => [row['id'], `${row['gpu_uuid']} ${row['container_id']}`]),
    );
    const raw: string[] = [];
    if (all("SELECT 1 FROM sqlite_schema WHERE name = 'watermarks'").length === 0) oneWatermarkForAll(db);
    if (all("SELECT 1 FROM sqlite_schema WHERE name = 'owner_days'").length === 0)
      db.exec(
        'CREATE TEMP TABLE owner_days (track INTEGER, day INTEGER, data BLOB, PRIMARY KEY (track, day))',
      );
    const segments = createRawSegments(db, 0);
    const rollups = createRollups(db);
    // What a hub does at its start: rows above the watermark are not in the tables yet.
    segments.eachAfter(rollups.watermark(), (row, id) => rollups.add(row.takenMilliseconds, row.data, id));
    segments.eachAfter(0, (row) => {
      const numbers: string[] = [];
      eachNumber(row.data, (track, metric, number) =>
        numbers.push(`${tracks.get(track)} ${storedMetrics[metric]} ${number}`),
      );
      const name = `${hosts.get(row.host)} ${streams.get(row.stream)} ${row.sequence} ${row.takenMilliseconds}`;
      raw.push([name, ...numbers.sort()].join('\n  '));
    });
    return {
      raw: raw.sort(),
      minutes: dumpRollups(rollups, tracks, '1m'),
      hours: dumpRollups(rollups, tracks, '1h'),
    };
  } finally {
    db.close();
  }
}

/** A file from before tracks were flushed in parts: each part's watermark is the one that there was. */
function oneWatermarkForAll(db: DatabaseSync): void {
  db.exec('CREATE TEMP TABLE watermarks (shard INTEGER PRIMARY KEY, last_id INTEGER NOT NULL)');
  for (let shard = 0; shard < rollupShards; shard += 1)
    db.exec(`INSERT INTO watermarks SELECT ${shard}, last_id FROM watermark`);
}

function dumpRollups(
  rollups: Rollups,
  tracks: ReadonlyMap<unknown, string>,
  resolution: '1m' | '1h',
): string[] {
  const lines: string[] = [];
  for (const [track, name] of tracks)
    for (const [metric, metricName] of storedMetrics.entries())
      rollups.eachOf(
        { resolution, track: Number(track), metric, fromBucket: 0, toBucket: Number.MAX_SAFE_INTEGER },
        (bucket, parts) => lines.push(`${name} ${metricName} ${bucket}: ${parts.join(' ')}`),
      );
  return lines.sort();
}
