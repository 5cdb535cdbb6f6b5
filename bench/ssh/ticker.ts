import { closeSync, constants, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One command that goes on printing. */
export interface Ticking {
  readonly everySeconds: number;
  /** What it prints first, and what in each later round; `mark` tells when. */
  first(mark: number): string;
  more(mark: number): string;
}

export interface Ticker {
  /** When something with this mark was printed, on this machine's clock. */
  printedMillis(mark: number): number;
  /** Rounds that nobody could take, since the reader was a pipe's length behind. */
  readonly dropped: number;
  stop(): void;
}

interface Reader {
  readonly pipe: number;
  readonly ticking: Ticking;
  dueMillis: number;
}

const stepMillis = 50;
/** Marks count tenths of a second, so that they fit into a GPU's mebibytes. */
const markMillis = 100;

/** Gone, rather than too slow. */
const isEnded = (error: unknown): boolean => (error as NodeJS.ErrnoException).code !== 'EAGAIN';

/**
 * The clock of all played programs of a folder: each makes a named pipe `NUMBER.PID` there and prints what comes out
 * of it, at the pace that it asked for since it started. One process for all costs a fraction of one that sleeps each,
 * and when this one ends, so do they.
 */
export function startTicker(folder: string, tickings: readonly Ticking[]): Ticker {
  const startedMillis = Date.now();
  const readers = new Set<Reader>();
  let dropped = 0;
  const mark = (): number => Math.floor((Date.now() - startedMillis) / markMillis);
  const print = (reader: Reader, text: string): void => {
    try {
      writeSync(reader.pipe, text);
    } catch (error) {
      if (isEnded(error)) {
        closeSync(reader.pipe);
        readers.delete(reader);
      } else dropped += 1;
    }
  };
  const welcome = (name: string): void => {
    const ticking = tickings[Number(name.split('.')[0])];
    if (ticking === undefined) return;
    let pipe: number;
    try {
      pipe = openSync(join(folder, name), constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      // Made, and not read yet.
      return;
    }
    unlinkSync(join(folder, name));
    const reader = { pipe, ticking, dueMillis: performance.now() + ticking.everySeconds * 1000 };
    readers.add(reader);
    print(reader, ticking.first(mark()));
  };
  const step = (): void => {
    for (const name of readdirSync(folder)) welcome(name);
    const now = performance.now();
    for (const reader of readers) {
      if (reader.dueMillis > now) continue;
      reader.dueMillis += reader.ticking.everySeconds * 1000;
      print(reader, reader.ticking.more(mark()));
    }
  };
  const timer = setInterval(step, stepMillis);
  return {
    printedMillis: (at) => startedMillis + at * markMillis,
    get dropped() {
      return dropped;
    },
    stop() {
      clearInterval(timer);
      for (const { pipe } of readers) closeSync(pipe);
      readers.clear();
    },
  };
}
