import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One accepted reading as it lies on disk. */
export interface RawRow {
  readonly host: number;
  readonly stream: number;
  readonly sequence: number;
  readonly takenMilliseconds: number;
  readonly receivedMilliseconds: number;
  readonly data: Uint8Array;
}

interface Segment {
  readonly firstId: number;
  readonly lastId: number;
  readonly openedMilliseconds: number;
  readonly closedMilliseconds: number | null;
  readonly minTakenMilliseconds: number;
  readonly maxTakenMilliseconds: number;
}

/** A segment is indexed by host once it is closed, so an open one is kept short enough to be scanned. */
const maxSegmentRows = 20_000;
const maxSegmentMilliseconds = 600_000;

export interface RawSegments {
  /** Within a transaction; what it returns is called after the commit. */
  write(rows: readonly RawRow[], nowMilliseconds: number): () => void;
  eachAfter(id: number, visit: (row: RawRow) => void): void;
  /** Readings of one host taken within [from, to), in no order. */
  eachOfHost(
    range: { host: number; fromMilliseconds: number; toMilliseconds: number },
    visit: (takenMilliseconds: number, data: Uint8Array) => void,
  ): void;
  /** Within a transaction: drops what arrived before `cutoff` and is rolled up; call the result after the commit. */
  dropBefore(cutoffMilliseconds: number, watermark: number): () => void;
  lastId(): number;
  rowCount(): number;
}

/** Append-only tables cut by time of arrival. Ids count up by one over all of them. */
export function createRawSegments(db: DatabaseSync, watermark: number): RawSegments {
  let segments = load(db);
  const inserts = new Map<number, StatementSync>();
  const put = db.prepare('INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM segments WHERE first_id = ?');
  const lastId = (): number => Math.max(watermark, segments.at(-1)?.lastId ?? 0);

  const save = (each: Segment): void => {
    put.run(
      each.firstId,
      each.lastId,
      each.openedMilliseconds,
      each.closedMilliseconds,
      each.minTakenMilliseconds,
      each.maxTakenMilliseconds,
    );
  };
  const close = (each: Segment, now: number): Segment => {
    db.exec(`CREATE INDEX IF NOT EXISTS raw_${each.firstId}_host ON raw_${each.firstId} (host)`);
    const closed = { ...each, closedMilliseconds: now };
    save(closed);
    return closed;
  };
  const insertInto = (firstId: number): StatementSync => {
    let insert = inserts.get(firstId);
    if (insert === undefined) {
      insert = db.prepare(`INSERT INTO raw_${firstId} VALUES (?, ?, ?, ?, ?, ?, ?)`);
      inserts.clear();
      inserts.set(firstId, insert);
    }
    return insert;
  };

  return {
    write(rows, now) {
      if (rows.length === 0) return () => {};
      const open = segments.at(-1);
      const staged = segments.slice(0, -1);
      let current = open;
      if (open !== undefined && isFull(open, now)) {
        staged.push(open.closedMilliseconds === null ? close(open, now) : open);
        current = undefined;
      }
      const firstNewId = lastId() + 1;
      const isNew = current === undefined;
      current ??= create(db, firstNewId, now);
      if (isNew) inserts.clear();
      const insert = insertInto(current.firstId);
      let { minTakenMilliseconds, maxTakenMilliseconds } = current;
      for (const [index, row] of rows.entries()) {
        const taken = row.takenMilliseconds;
        insert.run(
          firstNewId + index,
          row.host,
          row.stream,
          row.sequence,
          taken,
          row.receivedMilliseconds,
          row.data,
        );
        minTakenMilliseconds = Math.min(minTakenMilliseconds, taken);
        maxTakenMilliseconds = Math.max(maxTakenMilliseconds, taken);
      }
      const newLastId = firstNewId + rows.length - 1;
      const grown = { ...current, lastId: newLastId, minTakenMilliseconds, maxTakenMilliseconds };
      save(grown);
      return () => {
        segments = [...staged, grown];
      };
    },
    eachAfter(id, visit) {
      for (const { firstId, lastId: last } of segments) {
        if (last <= id) continue;
        const rows = db.prepare(`SELECT * FROM raw_${firstId} WHERE id > ? ORDER BY id`).iterate(id);
        for (const row of rows) visit(toRawRow(row));
      }
    },
    eachOfHost({ host, fromMilliseconds, toMilliseconds }, visit) {
      for (const each of segments) {
        if (each.maxTakenMilliseconds < fromMilliseconds || each.minTakenMilliseconds >= toMilliseconds)
          continue;
        const rows = db
          .prepare(
            `SELECT taken_ms, data FROM raw_${each.firstId} WHERE host = ? AND taken_ms >= ? AND taken_ms < ?`,
          )
          .iterate(host, fromMilliseconds, toMilliseconds);
        for (const row of rows) visit(Number(row['taken_ms']), asBytes(row['data']));
      }
    },
    dropBefore(cutoff, rolledUpTo) {
      const kept: Segment[] = [];
      for (const each of segments) {
        const isRolledUp = each.lastId <= rolledUpTo;
        const arrivedBefore = each.closedMilliseconds ?? each.openedMilliseconds + maxSegmentMilliseconds;
        if (!isRolledUp || arrivedBefore >= cutoff) {
          kept.push(each);
          continue;
        }
        db.exec(`DROP TABLE raw_${each.firstId}`);
        remove.run(each.firstId);
      }
      return () => {
        watermark = Math.max(watermark, lastId());
        segments = kept;
        inserts.clear();
      };
    },
    lastId,
    rowCount: () => segments.reduce((sum, each) => sum + each.lastId - each.firstId + 1, 0),
  };
}

const isFull = (each: Segment, now: number): boolean =>
  each.closedMilliseconds !== null ||
  each.lastId - each.firstId + 1 >= maxSegmentRows ||
  // A clock that was set back must not keep one segment open for ever.
  Math.abs(now - each.openedMilliseconds) >= maxSegmentMilliseconds;

function create(db: DatabaseSync, firstId: number, now: number): Segment {
  db.exec(`CREATE TABLE raw_${firstId} (
    id INTEGER PRIMARY KEY, host INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
    taken_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, data BLOB NOT NULL) STRICT`);
  return {
    firstId,
    lastId: firstId,
    openedMilliseconds: now,
    closedMilliseconds: null,
    minTakenMilliseconds: Number.MAX_SAFE_INTEGER,
    maxTakenMilliseconds: 0,
  };
}

function load(db: DatabaseSync): readonly Segment[] {
  return db
    .prepare('SELECT * FROM segments ORDER BY first_id')
    .all()
    .map((row) => ({
      firstId: Number(row['first_id']),
      lastId: Number(row['last_id']),
      openedMilliseconds: Number(row['opened_ms']),
      closedMilliseconds: row['closed_ms'] === null ? null : Number(row['closed_ms']),
      minTakenMilliseconds: Number(row['min_taken_ms']),
      maxTakenMilliseconds: Number(row['max_taken_ms']),
    }));
}

function toRawRow(row: Record<string, unknown>): RawRow {
  return {
    host: Number(row['host']),
    stream: Number(row['stream']),
    sequence: Number(row['sequence']),
    takenMilliseconds: Number(row['taken_ms']),
    receivedMilliseconds: Number(row['received_ms']),
    data: asBytes(row['data']),
  };
}

export const asBytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array();
