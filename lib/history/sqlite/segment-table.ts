import type { DatabaseSync } from 'node:sqlite';

/** One raw table: the ids in it, when it took rows and which times its rows are of. */
export interface Segment {
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

/** True when the next rows belong into a new segment. */
export const isFull = (each: Segment, nowMilliseconds: number): boolean =>
  each.closedMilliseconds !== null ||
  each.lastId - each.firstId + 1 >= maxSegmentRows ||
  // A clock that was set back must not keep one segment open for ever.
  Math.abs(nowMilliseconds - each.openedMilliseconds) >= maxSegmentMilliseconds;

/** When its last row arrived, at the latest. */
export const lastArrivalMilliseconds = (each: Segment): number =>
  each.closedMilliseconds ?? each.openedMilliseconds + maxSegmentMilliseconds;

/** The list of segments as it lies on disk, and the making and dropping of their tables. */
export interface SegmentTable {
  load(): readonly Segment[];
  save(segment: Segment): void;
  create(firstId: number, nowMilliseconds: number): Segment;
  /** No row will be added: indexes it by host. */
  close(segment: Segment, nowMilliseconds: number): Segment;
  drop(segment: Segment): void;
}

export function createSegmentTable(db: DatabaseSync): SegmentTable {
  const put = db.prepare('INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM segments WHERE first_id = ?');
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
  return {
    load: () => db.prepare('SELECT * FROM segments ORDER BY first_id').all().map(toSegment),
    save,
    create(firstId, nowMilliseconds) {
      db.exec(`CREATE TABLE raw_${firstId} (
        id INTEGER PRIMARY KEY, host INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL,
        taken_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, data BLOB NOT NULL) STRICT`);
      return {
        firstId,
        lastId: firstId,
        openedMilliseconds: nowMilliseconds,
        closedMilliseconds: null,
        minTakenMilliseconds: Number.MAX_SAFE_INTEGER,
        maxTakenMilliseconds: 0,
      };
    },
    close(each, nowMilliseconds) {
      db.exec(`CREATE INDEX IF NOT EXISTS raw_${each.firstId}_host ON raw_${each.firstId} (host)`);
      const closed = { ...each, closedMilliseconds: nowMilliseconds };
      save(closed);
      return closed;
    },
    drop(each) {
      db.exec(`DROP TABLE raw_${each.firstId}`);
      remove.run(each.firstId);
    },
  };
}

function toSegment(row: Record<string, unknown>): Segment {
  return {
    firstId: Number(row['first_id']),
    lastId: Number(row['last_id']),
    openedMilliseconds: Number(row['opened_ms']),
    closedMilliseconds: row['closed_ms'] === null ? null : Number(row['closed_ms']),
    minTakenMilliseconds: Number(row['min_taken_ms']),
    maxTakenMilliseconds: Number(row['max_taken_ms']),
  };
}
