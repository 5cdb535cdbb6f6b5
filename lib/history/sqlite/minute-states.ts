import type { ByteReader, ByteWriter } from './bytes.ts';

/**
 * What an owner did in each minute of a day: it worked, or did not for so many milliseconds of readings, or nothing is
 * known. One reading with work makes it a minute of work, whatever comes before or after it.
 */
const worked = 1;
export const minutesPerDay = 1440;

/** Minutes of a day in memory, few of them. */
export type Minutes = Map<number, number>;

/** A day's minutes as runs of the same state: first minute, count, state, in turn. */
export type MinuteRuns = readonly number[];

export const addWork = (minutes: Minutes, minute: number): void => void minutes.set(minute, worked);

export function addIdle(minutes: Minutes, minute: number, milliseconds: number): void {
  minutes.set(minute, together(minutes.get(minute) ?? 0, milliseconds * 2));
}

/** A minute without work is twice its milliseconds: even, so never `worked`. */
const together = (a: number, b: number): number => (a === worked || b === worked ? worked : a + b);

const scratch = new Float64Array(minutesPerDay);

export function mergeMinutes(runs: MinuteRuns, minutes: Minutes): MinuteRuns {
  if (minutes.size === 0) return runs;
  scratch.fill(0);
  for (let at = 0; at < runs.length; at += 3) {
    const first = runs[at] ?? 0;
    scratch.fill(runs[at + 2] ?? 0, first, first + (runs[at + 1] ?? 0));
  }
  for (const [minute, state] of minutes) scratch[minute] = together(scratch[minute] ?? 0, state);
  const merged: number[] = [];
  for (let minute = 0; minute < minutesPerDay; ) {
    const state = scratch[minute] ?? 0;
    let end = minute + 1;
    while (end < minutesPerDay && scratch[end] === state) end += 1;
    if (state !== 0) merged.push(minute, end - minute, state);
    minute = end;
  }
  return merged;
}

export function writeRuns(writer: ByteWriter, runs: MinuteRuns): void {
  let last = 0;
  writer.writeVarint(runs.length / 3);
  for (let at = 0; at < runs.length; at += 3) {
    const first = runs[at] ?? 0;
    const count = runs[at + 1] ?? 0;
    writer.writeVarint(first - last);
    writer.writeVarint(count);
    writer.writeVarint(runs[at + 2] ?? 0);
    last = first + count;
  }
}

export function readRuns(reader: ByteReader): MinuteRuns {
  const runs: number[] = [];
  let last = 0;
  for (let left = reader.readVarint(); left > 0; left--) {
    const first = last + reader.readVarint();
    const count = reader.readVarint();
    runs.push(first, count, reader.readVarint());
    last = first + count;
  }
  return runs;
}

/** Adds up the time of spells without work, over days that are given in order. */
export interface SpellCounter {
  day(day: number, runs: MinuteRuns): void;
  /** Ends the last spell; gives the milliseconds of all that were long enough. */
  end(): number;
}

/** @param within minutes since 1970 that count, [from, to); a spell's length counts beyond them */
export function countSpells(
  leastMinutes: number,
  within: { readonly from: number; readonly to: number },
): SpellCounter {
  let total = 0;
  let spellEnd = -1;
  let spellMinutes = 0;
  let spellMilliseconds = 0;
  const close = (): void => {
    if (spellMinutes >= leastMinutes) total += spellMilliseconds;
    spellMinutes = 0;
    spellMilliseconds = 0;
  };
  return {
    day(day, runs) {
      for (let at = 0; at < runs.length; at += 3) {
        const state = runs[at + 2] ?? 0;
        if (state === worked) continue;
        const first = day * minutesPerDay + (runs[at] ?? 0);
        const end = first + (runs[at + 1] ?? 0);
        if (first !== spellEnd) close();
        spellMinutes += end - first;
        spellMilliseconds +=
          Math.max(0, Math.min(end, within.to) - Math.max(first, within.from)) * (state / 2);
        spellEnd = end;
      }
    },
    end() {
      close();
      return total;
    },
  };
}
