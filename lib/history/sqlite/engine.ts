import { statSync } from 'node:fs';
import type { RangeResult } from '../../model/index.ts';
import { inTransaction, type OpenDatabase, openDatabase, readPragma } from '../../sqlite/open-database.ts';
import { toStoreError } from '../../sqlite/store-errors.ts';
import type {
  HistoryQuery,
  HistoryStats,
  OwnerRecord,
  OwnerUse,
  OwnerUseQuery,
  Retention,
} from '../history-store.ts';
import { type Catalogue, type CatalogueStage, createCatalogue, type Stream } from './catalogue.ts';
import { historyMigrations } from './migrations.ts';
import { readOwner, readOwnerUse } from './owner-use.ts';
import { createOwners, type Owners, type OwnersStage } from './owners.ts';
import { planQuery } from './plan.ts';
import { createRawSegments, type RawRow } from './raw-segments.ts';
import { encodeReading, type Reading } from './reading.ts';
import { createRollups, rollupShards } from './rollups.ts';
import { type QuerySources, runQuery } from './run-query.ts';
import { createTracks, type TrackStage } from './tracks.ts';

const turnMilliseconds = 60_000 / rollupShards;
const forgetEveryMilliseconds = 3_600_000;
/** A shard is flushed before its turn when a backlog fills more aggregates than this (about 40 MB). */
const maxPendingAggregates = 80_000;

/** About a second's work. */
const maxQueryRows = 2_000_000;

export type AppendOutcome = 'accepted' | 'duplicate';
export type EngineStats = Omit<HistoryStats, 'queuedEntries'>;

/** The whole store, synchronous and without a clock: the worker runs it, and so do tests. Throws StoreError. */
export interface HistoryEngine {
  /** One transaction: when it throws, nothing of it is kept and all of it can be sent again. */
  append(readings: readonly Reading[], nowMilliseconds: number): readonly AppendOutcome[];
  /** Called every few seconds: flushes what is due of the shards; sweeps and closes segments when it is time. */
  tick(nowMilliseconds: number): void;
  query(query: HistoryQuery, nowMilliseconds: number): RangeResult;
  ownerUse(query: OwnerUseQuery): readonly OwnerUse[];
  findOwner(hostId: string, key: string): OwnerRecord | null;
  stats(): EngineStats;
  /** Writes what is in memory to the rollup tables, with the watermark. */
  flush(): void;
  close(): void;
}

export interface EngineOptions {
  readonly path: string;
  readonly retention: Retention;
  /** Rollup rows that one query may read. */
  readonly maxRowsRead?: number;
}

export function openEngine(options: EngineOptions): HistoryEngine {
  const { path } = options;
  const opened = openDatabase({ path, kind: 'gpfh', migrations: historyMigrations, role: 'own' });
  try {
    opened.db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536');
    return createEngine(opened, options);
  } catch (error) {
    opened.close();
    throw toStoreError(error, path);
  }
}

export function createEngine(opened: OpenDatabase, options: EngineOptions): HistoryEngine {
  const { path, retention, maxRowsRead = maxQueryRows } = options;
  const { db } = opened;
  const catalogue = createCatalogue(db);
  const tracks = createTracks(db);
  const rollups = createRollups(db);
  const segments = createRawSegments(db, rollups.watermark());
  const owners = createOwners(db);
  const tables: Tables = { catalogue, tracks, rollups, segments, owners };
  // Told by the last caller: the engine reads no clock.
  let nowMilliseconds: number | null = null;
  let lastCommitAtSeconds: number | null = null;
  let forgottenMilliseconds = Number.NEGATIVE_INFINITY;
  segments.eachAfter(rollups.watermark(), (row, id) => {
    const stream = catalogue.streamById(row.stream);
    if (stream !== null) remember(tables, row, stream, id);
  });

  /** One transaction, then what memory learns of it. */
  const commit = (work: () => () => void): void => {
    inTransaction(db, work)();
    lastCommitAtSeconds = nowMilliseconds === null ? null : nowMilliseconds / 1000;
  };
  /** Streams are saved with the first shard: no watermark is ever past them. */
  const turns = createTurns((shard) =>
    commit(() => {
      const flushed = rollups.flush(shard, segments.lastId());
      return shard === 0 ? both(flushed, catalogue.saveStreams()) : flushed;
    }),
  );
  const tick = (now: number): void => {
    nowMilliseconds = now;
    if (!turns.areDue(now)) return;
    let flushed: readonly number[];
    try {
      flushed = turns.take(now);
    } finally {
      // Also when the flush failed: on a full disk this is what makes room.
      commit(() => segments.dropBefore(now - retention.rawSeconds * 1000, rollups.watermark()));
    }
    for (const shard of flushed) commit(() => sweep(tables, { retention, now, shard }));
    if (Math.abs(now - forgottenMilliseconds) < forgetEveryMilliseconds) return;
    commit(() => catalogue.removeStreams(now - retention.minuteSeconds * 1000));
    tracks.rotate();
    owners.rotate();
    forgottenMilliseconds = now;
  };
  const append = (readings: readonly Reading[], now: number): readonly AppendOutcome[] => {
    nowMilliseconds = now;
    if (rollups.pendingCount() > maxPendingAggregates) turns.next();
    const outcomes: AppendOutcome[] = [];
    commit(() => {
      const stage = { streams: catalogue.stage(), tracks: tracks.stage(), owners: owners.stage() };
      const accepted = acceptNew(stage, readings, outcomes);
      const rows = accepted.map(({ row }) => row);
      const written = segments.write(rows, now);
      return () => {
        stage.streams.commit();
        stage.tracks.commit();
        stage.owners.commit();
        written();
        for (const { row, stream } of accepted) remember(tables, row, stream);
      };
    });
    return outcomes;
  };
  const stats = (): EngineStats => ({
    rawRows: segments.rowCount(),
    databaseBytes: sizeOf(opened, path),
    lastCommitAtSeconds,
    tracksInMemory: tracks.rememberedCount(),
    forgottenGaps: catalogue.forgottenGaps(),
  });
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };
  return {
    append: (readings, now) => guarded(() => append(readings, now)),
    tick: (now) => guarded(() => tick(now)),
    query: (query, now) =>
      guarded(() => {
        const planOf = (asked: HistoryQuery) => planQuery(asked, retention, now / 1000);
        return runQuery(query, tables, { planOf, maxRowsRead });
      }),
    ownerUse: (query) => guarded(() => readOwnerUse(query, tables, maxRowsRead)),
    findOwner: (hostId, key) => guarded(() => readOwner(hostId, key, tables)),
    stats: () => guarded(stats),
    flush: () => guarded(turns.all),
    close: () => guarded(() => finallyClose(opened, turns.all)),
  };
}

function finallyClose(opened: OpenDatabase, work: () => void): void {
  try {
    work();
  } finally {
    opened.close();
  }
}

function sizeOf({ db }: OpenDatabase, path: string): number {
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return readPragma(db, 'page_count') * readPragma(db, 'page_size') + wal;
}

/** Whose turn it is to be flushed: each shard once a minute, one at a time. */
function createTurns(flush: (shard: number) => void) {
  let nextShard = 0;
  let takenMilliseconds: number | null = null;
  const next = (): number => {
    const shard = nextShard;
    flush(shard);
    nextShard = (shard + 1) % rollupShards;
    return shard;
  };
  const take = (count: number): readonly number[] => Array.from({ length: count }, next);
  /** All of them at first, and after a minute without a turn. */
  const dueCount = (now: number): number => {
    if (takenMilliseconds === null) return rollupShards;
    return Math.min(rollupShards, Math.round(Math.abs(now - takenMilliseconds) / turnMilliseconds));
  };
  return {
    next,
    areDue: (now: number): boolean => dueCount(now) > 0,
    /** Flushes those that are due; returns them. */
    take(now: number): readonly number[] {
      const flushed = take(dueCount(now));
      takenMilliseconds = now;
      return flushed;
    },
    all: (): void => void take(rollupShards),
  };
}

interface Tables extends QuerySources {
  readonly catalogue: Catalogue;
  readonly owners: Owners;
}

/** Brings memory up to one raw row that is now, or was found, on disk. */
function remember({ rollups }: Tables, row: RawRow, stream: Stream, id?: number): void {
  stream.sequences.add(row.sequence);
  stream.receivedMilliseconds = Math.max(stream.receivedMilliseconds, row.receivedMilliseconds);
  stream.isDirty = true;
  rollups.add(row.takenMilliseconds, row.data, id);
}

interface Accepted {
  readonly row: RawRow;
  readonly stream: Stream;
}

/** The readings that were not there yet, as rows; an outcome is pushed for each reading given. */
function acceptNew(
  stage: { readonly streams: CatalogueStage; readonly tracks: TrackStage; readonly owners: OwnersStage },
  readings: readonly Reading[],
  outcomes: AppendOutcome[],
): readonly Accepted[] {
  const accepted: Accepted[] = [];
  const seen = new Set<string>();
  for (const reading of readings) {
    const stream = stage.streams.stream(reading.hostId, reading.epoch);
    const identity = `${stream.id} ${reading.sequence}`;
    const isDuplicate = stream.sequences.has(reading.sequence) || seen.has(identity);
    outcomes.push(isDuplicate ? 'duplicate' : 'accepted');
    if (isDuplicate) continue;
    seen.add(identity);
    const hour = Math.floor(reading.takenMilliseconds / 3_600_000);
    const trackIds = ownersOf(reading).map(([gpuUuid, containerId]) =>
      stage.tracks.idOf({ host: stream.host, gpuUuid, containerId }, hour),
    );
    for (const owner of reading.described) stage.owners.put(stream.host, owner);
    accepted.push({ stream, row: toRow(reading, stream, encodeReading(reading, trackIds)) });
  }
  return accepted;
}

interface Sweep {
  readonly retention: Retention;
  readonly now: number;
  /** Just flushed: what is in memory of another track would come back after it. */
  readonly shard: number;
}

/** Within a transaction: rollups and tracks past retention go, a slice at a time. */
function sweep({ tracks, rollups, owners }: Tables, { retention, now, shard }: Sweep): () => void {
  const hourBefore = (seconds: number): number => Math.floor((now / 1000 - seconds) / 3600);
  return tracks.sweep({
    beforeMinutesHour: hourBefore(retention.minuteSeconds),
    beforeHour: hourBefore(retention.hourSeconds),
    part: { rest: shard, of: rollupShards },
    expire: rollups.expire,
    removed: owners.removeEnded,
  });
}

const both = (first: () => void, second: () => void) => (): void => {
  first();
  second();
};

function ownersOf({ owners }: Reading): readonly (readonly [uuid: string, containerId: string | null])[] {
  const pairs: [string, string | null][] = [];
  for (let at = 0; at < owners.length; at += 2) pairs.push([owners[at] ?? '', owners[at + 1] ?? null]);
  return pairs;
}

function toRow(reading: Reading, stream: Stream, data: Uint8Array): RawRow {
  const { sequence, takenMilliseconds, receivedMilliseconds } = reading;
  return { host: stream.host, stream: stream.id, sequence, takenMilliseconds, receivedMilliseconds, data };
}
