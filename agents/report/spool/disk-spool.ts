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

function createDiskSpool({ folder, maxBytes, segmentBytes }: DiskSpoolOptions): Spool {
  const statePath = join(folder, 'state.json');
  const segments = new Map<number, Segment>();
  const largestSegment = segmentBytes ?? Math.min(1024 * 1024, Math.ceil(maxBytes / 8));
  let torn = 0;
  let problem: string | null = null;
  for (const number of segmentNumbers(folder)) {
    const opened = openSegment(segmentPath(folder, number));
    torn += opened.torn;
    if (opened.segment.waiting.size > 0) segments.set(number, opened.segment);
    else opened.segment.remove();
  }
  const waitingSequences = (): number[] =>
    [...segments.values()].flatMap((segment) => [...segment.waiting.keys()]);
  // An empty spool begins a new epoch: a host restored from an image must not use numbers again.
  let state = (segments.size > 0 ? readState(statePath) : null) ?? freshState();
  let nextSequence = Math.max(state.reservedSequence, ...waitingSequences().map((sequence) => sequence + 1));
  let nextSegment = Math.max(0, ...segments.keys()) + 1;

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
  const totalBytes = (): number => [...segments.values()].reduce((sum, segment) => sum + segment.bytes, 0);
  const removeSegment = (number: number, segment: Segment): void => {
    segments.delete(number);
    attempt(() => segment.remove());
  };
  const dropOldestSegment = (): boolean => {
    const [oldest] = segments;
    if (oldest === undefined) return false;
    removeSegment(...oldest);
    countDropped(oldest[1].waiting.size);
    return true;
  };
  const activeSegment = (): Segment => {
    const [number, last] = [...segments].at(-1) ?? [];
    if (number !== undefined && last !== undefined) {
      if (last.bytes < largestSegment) return last;
      last.close();
    }
    const { segment } = openSegment(segmentPath(folder, nextSegment));
    segments.set(nextSegment, segment);
    nextSegment += 1;
    return segment;
  };
  const acknowledge = (sequences: readonly number[]): void => {
    for (const [number, segment] of [...segments]) {
      attempt(() => segment.acknowledge(sequences));
      if (segment.waiting.size === 0) removeSegment(number, segment);
    }
  };
  const read = (sequence: number): SpoolEntry | null => {
    for (const segment of segments.values()) {
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
      while (needed <= maxBytes && totalBytes() + needed > maxBytes && dropOldestSegment());
      const write = (): boolean => attempt(() => activeSegment().append(sequence, payload));
      if (needed > maxBytes || !(write() || (dropOldestSegment() && write()))) countDropped(1);
    },
    oldest: (count) =>
      waitingSequences()
        .sort((a, b) => a - b)
        .slice(0, count)
        .map(read)
        .filter((entry) => entry !== null),
    newest() {
      const sequence = waitingSequences().reduce((highest, each) => Math.max(highest, each), -1);
      return sequence < 0 ? null : read(sequence);
    },
    acknowledge,
    get stats() {
      const reports = [...segments.values()].reduce((sum, segment) => sum + segment.waiting.size, 0);
      const { droppedReports } = state;
      return { reports, bytes: totalBytes(), droppedReports, tornRecords: torn, problem };
    },
    close() {
      for (const segment of segments.values()) segment.close();
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
