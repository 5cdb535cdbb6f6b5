import type { DatabaseSync } from 'node:sqlite';
import { createByteReader, createByteWriter } from './bytes.ts';
import { accountNumbers } from './metrics.ts';
import {
  addIdle,
  addWork,
  type MinuteRuns,
  type Minutes,
  mergeMinutes,
  readRuns,
  writeRuns,
} from './minute-states.ts';
import { asBytes } from './raw-segments.ts';

/** Sums of one owner on one GPU, whole numbers, so that their order does not matter. */
export interface AccountSums {
  milliseconds: number;
  grantedMilliseconds: number;
  usedMilliseconds: number;
  workFreeMilliseconds: number;
  /** Ten thousandths of SM share times milliseconds. */
  smTenthousandths: number;
  workFreeMebibyteMilliseconds: number;
  /** Of `milliseconds`, those whose energy was told. */
  energyMilliseconds: number;
  energyMillijoules: number;
}

/** In the order in which they are on disk. */
const sumNames = [
  'milliseconds',
  'grantedMilliseconds',
  'usedMilliseconds',
  'workFreeMilliseconds',
  'smTenthousandths',
  'workFreeMebibyteMilliseconds',
  'energyMilliseconds',
  'energyMillijoules',
] as const satisfies readonly (keyof AccountSums)[];

/** One track's day as it lies on disk. */
export interface OwnerDay {
  readonly sums: AccountSums;
  readonly runs: MinuteRuns;
}

/** One track's day in memory, or what of it is not on disk yet. */
export interface PendingDay {
  readonly sums: AccountSums;
  readonly minutes: Minutes;
}

/** By track, then by day. */
export type PendingDays = Map<number, Map<number, PendingDay>>;

const millisecondsPerDay = 86_400_000;
const bytesPerMebibyte = 2 ** 20;

export const noSums = (): AccountSums => ({
  milliseconds: 0,
  grantedMilliseconds: 0,
  usedMilliseconds: 0,
  workFreeMilliseconds: 0,
  smTenthousandths: 0,
  workFreeMebibyteMilliseconds: 0,
  energyMilliseconds: 0,
  energyMillijoules: 0,
});

export const addSums = (into: AccountSums, from: AccountSums): void => {
  for (const name of sumNames) into[name] += from[name];
};

export const newPendingDay = (): PendingDay => ({ sums: noSums(), minutes: new Map() });

/**
 * Takes the numbers of one raw row: track by track, and within a track in the order of the metrics, so that memory and
 * SM share come before the seconds that they hold for. A track without seconds has no account.
 */
export function createRowAccount(
  takenMilliseconds: number,
  dayOf: (track: number, day: number) => PendingDay,
): (track: number, metric: number, value: number) => void {
  const day = Math.floor(takenMilliseconds / millisecondsPerDay);
  const minute = Math.floor((takenMilliseconds - day * millisecondsPerDay) / 60_000);
  let current = -1;
  let memoryBytes = 0;
  let sm: number | null = null;
  let milliseconds = 0;
  let own: PendingDay | null = null;
  return (track, metric, value) => {
    if (track !== current) {
      current = track;
      memoryBytes = 0;
      sm = null;
      own = null;
    }
    if (metric === accountNumbers.memoryBytes) memoryBytes = value;
    else if (metric === accountNumbers.smRatio) sm = value;
    else if (metric === accountNumbers.seconds) {
      own = dayOf(track, day);
      milliseconds = value;
      addReading(own, { minute, milliseconds, memoryBytes, sm });
    } else if (own !== null && metric === accountNumbers.grantedSeconds) {
      own.sums.grantedMilliseconds += value;
    } else if (own !== null && metric === accountNumbers.energyJoules) {
      own.sums.energyMillijoules += value;
      own.sums.energyMilliseconds += milliseconds;
    }
  };
}

interface AccountedReading {
  readonly minute: number;
  readonly milliseconds: number;
  readonly memoryBytes: number;
  /** Ten thousandths; null: not told. */
  readonly sm: number | null;
}

function addReading({ sums, minutes }: PendingDay, reading: AccountedReading): void {
  const { minute, milliseconds, memoryBytes, sm } = reading;
  sums.milliseconds += milliseconds;
  // Not known is not idle: it ends a spell as work does, and counts as neither.
  if (sm === null) {
    addWork(minutes, minute);
    return;
  }
  if (sm > 0) {
    sums.usedMilliseconds += milliseconds;
    sums.smTenthousandths += sm * milliseconds;
    addWork(minutes, minute);
    return;
  }
  sums.workFreeMilliseconds += milliseconds;
  sums.workFreeMebibyteMilliseconds += Math.floor(memoryBytes / bytesPerMebibyte) * milliseconds;
  addIdle(minutes, minute, milliseconds);
}

const writer = createByteWriter();

function encodeDay({ sums, runs }: OwnerDay): Uint8Array {
  for (const name of sumNames) writer.writeVarint(sums[name]);
  writeRuns(writer, runs);
  return writer.take();
}

export function decodeDay(bytes: Uint8Array): OwnerDay {
  const reader = createByteReader(bytes);
  const sums = noSums();
  for (const name of sumNames) sums[name] = reader.readVarint();
  return { sums, runs: readRuns(reader) };
}

function together(stored: OwnerDay | undefined, { sums, minutes }: PendingDay): OwnerDay {
  const all = noSums();
  if (stored !== undefined) addSums(all, stored.sums);
  addSums(all, sums);
  return { sums: all, runs: mergeMinutes(stored?.runs ?? [], minutes) };
}

export interface OwnerDays {
  /** Within a transaction: merges them into the table. */
  merge(pending: PendingDays): void;
  /** Days of a track in [from, to) in order, with what is pending of them. Returns the rows read. */
  eachOf(
    range: { readonly track: number; readonly fromDay: number; readonly toDay: number },
    pending: ReadonlyMap<number, PendingDay> | undefined,
    visit: (day: number, own: OwnerDay) => void,
  ): number;
  /** Within a transaction: removes a track's days that are over by that hour; returns how many. */
  expire(track: number, beforeHour: number): number;
}

/** The table of days. Its rows move with the watermarks of the rollups, in the same transactions. */
export function createOwnerDays(db: DatabaseSync): OwnerDays {
  const get = db.prepare('SELECT data FROM owner_days WHERE track = ? AND day = ?');
  const put = db.prepare('INSERT OR REPLACE INTO owner_days VALUES (?, ?, ?)');
  const range = db.prepare('SELECT day, data FROM owner_days WHERE track = ? AND day >= ? AND day < ?');
  const expire = db.prepare('DELETE FROM owner_days WHERE track = ? AND day < ?');
  return {
    merge(pending) {
      for (const [track, days] of pending)
        for (const [day, own] of days) {
          const row = get.get(track, day);
          const stored = row === undefined ? undefined : decodeDay(asBytes(row['data']));
          put.run(track, day, encodeDay(together(stored, own)));
        }
    },
    eachOf({ track, fromDay, toDay }, pending, visit) {
      const days = new Map<number, OwnerDay>();
      for (const row of range.iterate(track, fromDay, toDay))
        days.set(Number(row['day']), decodeDay(asBytes(row['data'])));
      const rows = days.size;
      for (const [day, own] of pending ?? [])
        if (day >= fromDay && day < toDay) days.set(day, together(days.get(day), own));
      for (const [day, own] of [...days].sort(([a], [b]) => a - b)) visit(day, own);
      return rows;
    },
    expire: (track, beforeHour) => Number(expire.run(track, Math.floor(beforeHour / 24)).changes),
  };
}
