import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { frameHeaderBytes } from './frame.ts';
import { openSegment, type Segment } from './segment.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import { freshState, readState, type SpoolState, writeState } from './spool-state.ts';

export interface DiskSpoolOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** Also what is dropped at once when it is full; an eighth of the whole, at most 1 MiB, unless told. */
  readonly segmentBytes?: number;
}

/** How many numbers are reserved at a time; after a kill the next report's number jumps by up to this. */
const reservedAtOnce = 1000;

/** A spool in a folder of its own. Survives SIGKILL at any point. Throws when the folder cannot be used. */
export function openDiskSpool(options: DiskSpoolOptions): Spool {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  return createDiskSpool(options);
}

/** The segments of a folder in order, the last one being written to. */
interface Segments {
  readonly all: ReadonlyMap<number, Segment>;
  readonly tornRecords: number;
  /** Whole records that were found damaged and could not be saved. */
  readonly lostRecords: number;
  readonly bytes: number;
  readonly reports: number;
  /** The one to append to; begins another when it is large enough. */
  active(): Segment;
  /** Forgets a segment, its files last, so that a failing disk does not bring it back. */
  remove(number: number): void;
  sequences(): number[];
}

function openSegments(folder: string, largestBytes: number): Segments {
  const all = new Map<number, Segment>();
  let tornRecords = 0;
  let lostRecords = 0;
  for (const number of segmentNumbers(folder)) {
    const { segment, torn, lost } = openSegment(segmentPath(folder, number));
    tornRecords += torn;
    lostRecords += lost;
    if (segment.waiting.size > 0) all.set(number, segment);
    else segment.remove();
  }
  let next = Math.max(0, ...all.keys()) + 1;
  const sum = (of: (segment: Segment) => number): number => {
    let total = 0;
    for (const segment of all.values()) total += of(segment);
    return total;
  };
  return {
    all,
    tornRecords,
    lostRecords,
    get bytes() {
      return sum((segment) => segment.bytes);
    },
    get reports() {
      return sum((segment) => segment.waiting.size);
    },
    active() {
      const last = [...all.values()].at(-1);
      if (last !== undefined && last.bytes < largestBytes) return last;
      last?.close();
      const { segment } = openSegment(segmentPath(folder, next));
      all.set(next, segment);
      next += 1;
      return segment;
    },
    remove(number) {
      const segment = all.get(number);
      all.delete(number);
      segment?.remove();
    },
    sequences: () => [...all.values()].flatMap((segment) => [...segment.waiting.keys()]),
  };
}

function createDiskSpool({ folder, maxBytes, segmentBytes }: DiskSpoolOptions): Spool {
  const statePath = join(folder, 'state.json');
  const segments = openSegments(folder, segmentBytes ?? Math.min(1024 * 1024, Math.ceil(maxBytes / 8)));
  let problem: string | null = null;
  // An empty spool begins a new epoch: a host restored from an image must not use numbers again.
  let state = (segments.all.size > 0 ? readState(statePath) : null) ?? freshState();
  let nextSequence = Math.max(
    state.reservedSequence,
    ...segments.sequences().map((sequence) => sequence + 1),
  );

  const attempt = (work: () => void): boolean => {
    try {
      work();
      problem = null;
      return true;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  };
  const saveState = (change: Partial<SpoolState>): void => {
    state = { ...state, ...change };
    attempt(() => writeState(statePath, state));
  };
  const countDropped = (reports: number): void =>
    saveState({ droppedReports: state.droppedReports + reports });
  const dropOldestSegment = (): boolean => {
    const [oldest] = segments.all;
    if (oldest === undefined) return false;
    const [number, { waiting }] = oldest;
    attempt(() => segments.remove(number));
    countDropped(waiting.size);
    return true;
  };
  const acknowledge = (sequences: readonly number[]): void => {
    for (const [number, segment] of [...segments.all]) {
      attempt(() => segment.acknowledge(sequences));
      if (segment.waiting.size === 0) attempt(() => segments.remove(number));
    }
  };
  const read = (sequence: number): SpoolEntry | null => {
    for (const segment of segments.all.values()) {
      if (!segment.waiting.has(sequence)) continue;
      let payload: Buffer | null = null;
      attempt(() => {
        payload = segment.read(sequence);
      });
      if (payload !== null) return { sequence, payload };
      acknowledge([sequence]);
      countDropped(1);
    }
    return null;
  };
  saveState({ reservedSequence: nextSequence });
  countDropped(segments.lostRecords);
  if (problem !== null) throw new Error(problem);

  return {
    epoch: state.epoch,
    takeSequence() {
      const sequence = nextSequence;
      nextSequence += 1;
      if (nextSequence > state.reservedSequence)
        saveState({ reservedSequence: nextSequence + reservedAtOnce });
      return sequence;
    },
    append({ sequence, payload }) {
      const needed = frameHeaderBytes + payload.length;
      while (needed <= maxBytes && segments.bytes + needed > maxBytes && dropOldestSegment());
      const write = (): boolean => attempt(() => segments.active().append(sequence, payload));
      if (needed > maxBytes || !(write() || (dropOldestSegment() && write()))) countDropped(1);
    },
    oldest: (count) =>
      segments
        .sequences()
        .sort((a, b) => a - b)
        .slice(0, count)
        .map(read)
        .filter((entry) => entry !== null),
    newest() {
      const sequence = segments.sequences().reduce((highest, each) => Math.max(highest, each), -1);
      return sequence < 0 ? null : read(sequence);
    },
    acknowledge,
    drop(sequences) {
      acknowledge(sequences);
      if (sequences.length > 0) countDropped(sequences.length);
    },
    get stats() {
      const { reports, bytes, tornRecords } = segments;
      return { reports, bytes, droppedReports: state.droppedReports, tornRecords, problem };
    },
    close() {
      for (const segment of segments.all.values()) segment.close();
      saveState({ reservedSequence: nextSequence });
    },
  };
}

const segmentPath = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(10, '0')}.log`);

/** In order; an acknowledgement file whose records are gone is removed on the way. */
function segmentNumbers(folder: string): number[] {
  const names = readdirSync(folder);
  for (const name of names) {
    if (/^\d{10}\.ack$/.test(name) && !names.includes(name.replace('.ack', '.log')))
      rmSync(join(folder, name));
  }
  return names
    .filter((name) => /^\d{10}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}
