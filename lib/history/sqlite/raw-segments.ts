import type { DatabaseSync } from 'node:sqlite';
import { createSegmentTable, isFull, lastArrivalMilliseconds, type Segment } from './segment-table.ts';

/** One accepted reading as it lies on disk. */
export interface RawRow {
  readonly host: number;
  readonly stream: number;
  readonly sequence: number;
  readonly takenMilliseconds: number;
  readonly receivedMilliseconds: number;
  readonly data: Uint8Array;
}

export interface RawSegments {
  /** Within a transaction; what it returns is called after the commit. */
  write(rows: readonly RawRow[], nowMilliseconds: number): () => void;
  /** Rows with a greater id, in order. */
  eachAfter(id: number, visit: (row: RawRow, id: number) => void): void;
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
  const table = createSegmentTable(db);
  let segments = table.load();
  let lastDroppedId = watermark;
  const lastId = (): number => Math.max(lastDroppedId, segments.at(-1)?.lastId ?? 0);

  return {
    write(rows, now) {
      if (rows.length === 0) return () => {};
      const firstNewId = lastId() + 1;
      const open = segments.at(-1);
      const isNew = open === undefined || isFull(open, now);
      const before = isNew ? [...segments] : segments.slice(0, -1);
      if (isNew && open !== undefined && open.closedMilliseconds === null)
        before.splice(-1, 1, table.close(open, now));
      const grown = insertRows(db, rows, {
        segment: isNew ? table.create(firstNewId, now) : open,
        firstNewId,
      });
      table.save(grown);
      return () => {
        segments = [...before, grown];
      };
    },
    eachAfter(id, visit) {
      for (const { firstId, lastId: last } of segments) {
        if (last <= id) continue;
        const rows = db.prepare(`SELECT * FROM raw_${firstId} WHERE id > ? ORDER BY id`).iterate(id);
        for (const row of rows) visit(toRawRow(row), Number(row['id']));
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
      const isDue = (each: Segment): boolean =>
        each.lastId <= rolledUpTo && lastArrivalMilliseconds(each) < cutoff;
      const due = segments.filter(isDue);
      for (const each of due) table.drop(each);
      return () => {
        lastDroppedId = lastId();
        segments = segments.filter((each) => !due.includes(each));
      };
    },
    lastId,
    rowCount: () => segments.reduce((sum, each) => sum + each.lastId - each.firstId + 1, 0),
  };
}

/** Appends the rows and returns the segment as it then is. */
function insertRows(
  db: DatabaseSync,
  rows: readonly RawRow[],
  { segment, firstNewId }: { segment: Segment; firstNewId: number },
): Segment {
  const insert = db.prepare(`INSERT INTO raw_${segment.firstId} VALUES (?, ?, ?, ?, ?, ?, ?)`);
  let { minTakenMilliseconds, maxTakenMilliseconds } = segment;
  for (const [index, row] of rows.entries()) {
    const { host, stream, sequence, takenMilliseconds, receivedMilliseconds, data } = row;
    insert.run(firstNewId + index, host, stream, sequence, takenMilliseconds, receivedMilliseconds, data);
    minTakenMilliseconds = Math.min(minTakenMilliseconds, takenMilliseconds);
    maxTakenMilliseconds = Math.max(maxTakenMilliseconds, takenMilliseconds);
  }
  return { ...segment, lastId: firstNewId + rows.length - 1, minTakenMilliseconds, maxTakenMilliseconds };
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
