import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type Aggregate,
  addNumber,
  createAggregate,
  decodeAggregate,
  decodeParts,
  encodeAggregate,
  mergeAggregate,
  type Parts,
  readParts,
} from './aggregate.ts';
import { isSeries } from './metrics.ts';
import {
  createOwnerDays,
  createRowAccount,
  newPendingDay,
  type OwnerDay,
  type PendingDay,
  type PendingDays,
} from './owner-days.ts';
import { asBytes } from './raw-segments.ts';
import { eachNumber } from './reading.ts';

export type Resolution = '1m' | '1h';

/** Tracks are flushed in so many parts, each with a watermark of its own: a whole fleet at once stops commits for a second. */
export const rollupShards = 12;

const minutesPerHour = 60;
const millisecondsPerMinute = 60_000;

export interface Rollups {
  /**
   * Counts one raw row in memory; it reaches the tables with the next flush of its shards. `id` is that of a row found on
   * disk, which the tables may hold in part; a new one is in none.
   */
  add(takenMilliseconds: number, data: Uint8Array, id?: number): void;
  /** Within a transaction: merges what was added of a shard into the tables, with its watermark. Call the result after the commit. */
  flush(shard: number, watermark: number): () => void;
  /** Rows up to it are whole in the tables. */
  watermark(): number;
  /** Aggregates in memory: what flushing every shard costs. */
  pendingCount(): number;
  /** One metric of one track, buckets in [from, to), what is in memory included; a bucket can come twice. Returns the rows read. */
  eachOf(
    range: { resolution: Resolution; track: number; metric: number; fromBucket: number; toBucket: number },
    visit: (bucket: number, parts: Parts) => void,
  ): number;
  /** Accounts of one track, days in [from, to) in order, what is in memory included. Returns the rows read. */
  eachDayOf(
    range: { readonly track: number; readonly fromDay: number; readonly toDay: number },
    visit: (day: number, own: OwnerDay) => void,
  ): number;
  /** Within a transaction: removes a track's buckets before that hour; returns how many. */
  expire(resolution: Resolution | '1d', track: number, beforeHour: number): number;
}

/**
 * Of each shard's tracks, the tables hold exactly the raw rows up to its watermark, the memory exactly those after it.
 * Both move in one transaction, so that no moment at which the process dies loses a row or counts it twice; late rows
 * need no other way.
 */
export function createRollups(db: DatabaseSync): Rollups {
  const watermarks = readWatermarks(db);
  const pending = watermarks.map(() => new Map<number, Map<number, Aggregate>>());
  const pendingDays = watermarks.map((): PendingDays => new Map());
  const ownerDays = createOwnerDays(db);
  let pendingCount = 0;
  const tables = { '1m': prepareTable(db, 'rollups_1m'), '1h': prepareTable(db, 'rollups_1h') };
  const setWatermark = db.prepare('UPDATE watermarks SET last_id = ? WHERE shard = ?');

  const aggregateOf = (track: number, minute: number): Aggregate => {
    const shard = pending[track % rollupShards];
    let buckets = shard?.get(track);
    if (buckets === undefined) {
      buckets = new Map();
      shard?.set(track, buckets);
    }
    let aggregate = buckets.get(minute);
    if (aggregate === undefined) {
      aggregate = createAggregate();
      buckets.set(minute, aggregate);
      pendingCount += 1;
    }
    return aggregate;
  };

  const dayOf = (track: number, day: number): PendingDay =>
    pendingValue(
      pendingValue(pendingDays[track % rollupShards], track, () => new Map()),
      day,
      newPendingDay,
    );

  return {
    add(takenMilliseconds, data, id = Number.POSITIVE_INFINITY) {
      const minute = Math.floor(takenMilliseconds / millisecondsPerMinute);
      const account = createRowAccount(takenMilliseconds, dayOf);
      eachNumber(data, (track, metric, number) => {
        if (id <= (watermarks[track % rollupShards] ?? 0)) return;
        if (isSeries(metric)) addNumber(aggregateOf(track, minute), metric, number);
        account(track, metric, number);
      });
    },
    flush(shard, watermark) {
      let flushed = 0;
      for (const [track, minutes] of pending[shard] ?? []) {
        flushed += minutes.size;
        const hours = new Map<number, Aggregate>();
        for (const [minute, aggregate] of minutes) {
          tables['1m'].merge(track, minute, aggregate);
          const hour = Math.floor(minute / minutesPerHour);
          const sum = hours.get(hour) ?? createAggregate();
          mergeAggregate(sum, aggregate);
          hours.set(hour, sum);
        }
        for (const [hour, aggregate] of hours) tables['1h'].merge(track, hour, aggregate);
      }
      ownerDays.merge(pendingDays[shard] ?? new Map());
      setWatermark.run(watermark, shard);
      return () => {
        watermarks[shard] = watermark;
        pending[shard] = new Map();
        pendingDays[shard] = new Map();
        pendingCount -= flushed;
      };
    },
    watermark: () => Math.min(...watermarks),
    pendingCount: () => pendingCount,
    eachOf({ resolution, track, metric, fromBucket, toBucket }, visit) {
      let rows = 0;
      for (const row of tables[resolution].range.iterate(track, fromBucket, toBucket)) {
        rows += 1;
        const parts = decodeParts(asBytes(row['data']), metric);
        if (parts !== null) visit(Number(row['bucket']), parts);
      }
      for (const [minute, aggregate] of pending[track % rollupShards]?.get(track) ?? []) {
        const bucket = resolution === '1m' ? minute : Math.floor(minute / minutesPerHour);
        const parts = readParts(aggregate, metric);
        if (bucket >= fromBucket && bucket < toBucket && parts[0] > 0) visit(bucket, parts);
      }
      return rows;
    },
    eachDayOf: (range, visit) =>
      ownerDays.eachOf(range, pendingDays[range.track % rollupShards]?.get(range.track), visit),
    expire(resolution, track, beforeHour) {
      if (resolution === '1d') return ownerDays.expire(track, beforeHour);
      const beforeBucket = resolution === '1m' ? beforeHour * minutesPerHour : beforeHour;
      return Number(tables[resolution].expire.run(track, beforeBucket).changes);
    },
  };
}

/** Of a map within, made where it is not there yet. */
function pendingValue<V>(map: Map<number, V> | undefined, key: number, create: () => V): V {
  const found = map?.get(key) ?? create();
  map?.set(key, found);
  return found;
}

function readWatermarks(db: DatabaseSync): number[] {
  const rows = db.prepare('SELECT last_id FROM watermarks ORDER BY shard').all();
  return rows.map((row) => Number(row['last_id']));
}

interface RollupTable {
  readonly range: StatementSync;
  readonly expire: StatementSync;
  merge(track: number, bucket: number, aggregate: Aggregate): void;
}

function prepareTable(db: DatabaseSync, name: string): RollupTable {
  const get = db.prepare(`SELECT data FROM ${name} WHERE track = ? AND bucket = ?`);
  const put = db.prepare(`INSERT OR REPLACE INTO ${name} VALUES (?, ?, ?)`);
  return {
    range: db.prepare(
      `SELECT bucket, data FROM ${name} WHERE track = ? AND bucket >= ? AND bucket < ? ORDER BY bucket`,
    ),
    expire: db.prepare(`DELETE FROM ${name} WHERE track = ? AND bucket < ?`),
    merge(track, bucket, aggregate) {
      const row = get.get(track, bucket);
      if (row === undefined) {
        put.run(track, bucket, encodeAggregate(aggregate));
        return;
      }
      const merged = decodeAggregate(asBytes(row['data']));
      mergeAggregate(merged, aggregate);
      put.run(track, bucket, encodeAggregate(merged));
    },
  };
}
