import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { childEnvironment } from './child-environment.ts';

export interface Waited {
  readonly bytes: Buffer;
  /** Since the last of them was written; null where that is not known. */
  readonly ageSeconds: number | null;
  /** More may have come than the pipe holds, and its writer be held up. */
  readonly isFull: boolean;
}

/** A pipe that nobody watches: what a program prints waits in it, 64 KiB at most, and wakes nobody. */
export interface WaitingPipe {
  /** For the program, as its stdout. */
  readonly writeFd: number;
  /** The program has its end; ours would keep the pipe open after it. */
  handOver(): void;
  /** What waits in it. */
  take(): Waited;
  /** From now on it is read as it comes, and not by `take`. */
  watch(): Socket;
  /** Our end of it. */
  close(): void;
}

const capacityBytes = 64 * 1024;
/** Pages of the pipe hold one write or several, and so it takes no more from half its size on. */
const fullBytes = capacityBytes / 2;
const makeMilliseconds = 300;
/** The kernel's clock for files goes in steps of up to 10 ms. */
const clockStepMilliseconds = 20;
/** In memory, for each write is noted in the file's time; never on a server that may not answer. */
const parent = '/dev/shm';
/** Shared: its content is copied at once. */
const room = Buffer.alloc(capacityBytes);

/**
 * Null where none can be made. Node's own pipes are read as soon as something comes, so this is one with a name, for a
 * moment.
 */
export function createWaitingPipe(): WaitingPipe | null {
  const ends = openPipe();
  return ends === null ? null : waitingPipe(ends);
}

interface Ends {
  readonly readFd: number;
  readonly writeFd: number;
}

function openPipe(): Ends | null {
  let folder: string | null = null;
  let readFd: number | null = null;
  try {
    folder = mkdtempSync(`${parent}/gpufleet-pipe-${process.pid}-`);
    const path = `${folder}/pipe`;
    const made = spawnSync('mkfifo', ['-m', '600', path], {
      stdio: 'ignore',
      env: childEnvironment(),
      timeout: makeMilliseconds,
      killSignal: 'SIGKILL',
    });
    if (made.status !== 0) return null;
    readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!holdsEnough(path, readFd)) throw new Error('a small pipe');
    return { readFd, writeFd: openSync(path, constants.O_WRONLY) };
  } catch {
    if (readFd !== null) closeSync(readFd);
    return null;
  } finally {
    if (folder !== null) remove(folder);
  }
}

/** Who has many pipes gets small ones. */
function holdsEnough(path: string, readFd: number): boolean {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return writeSync(fd, room) === capacityBytes && readSync(readFd, room) === capacityBytes;
  } finally {
    closeSync(fd);
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // An empty folder that stays is no reason to go without the pipe.
  }
}

function waitingPipe({ readFd, writeFd }: Ends): WaitingPipe {
  let isOurs = true;
  let isOpen = true;
  let watched: Socket | null = null;
  let clocks = { sinceStart: performance.now(), date: Date.now() };
  /** The time of the last write that was seen, by the clock of files. */
  let seenMilliseconds = fstatSync(readFd).mtimeMs;
  /** The kernel dates writes, and nothing more came in the same step of its clock as what was seen. */
  let isDated = false;
  /** Null where the date was set meanwhile, or the machine slept. */
  const sinceLast = (date: number): number | null => {
    const before = clocks;
    clocks = { sinceStart: performance.now(), date };
    const passed = clocks.sinceStart - before.sinceStart;
    return Math.abs(date - before.date - passed) > clockStepMilliseconds ? null : passed;
  };
  return {
    writeFd,
    handOver() {
      if (isOurs) closeSync(writeFd);
      isOurs = false;
    },
    take() {
      const { mtimeMs } = fstatSync(readFd);
      const isNew = mtimeMs !== seenMilliseconds;
      const date = Date.now();
      const passed = sinceLast(date);
      // To try costs an exception where nothing waits.
      if (isDated && !isNew) return nothing;
      const bytes = readNow(readFd);
      if (bytes.length === 0) return nothing;
      const age = date - mtimeMs;
      isDated = isNew && age > clockStepMilliseconds;
      seenMilliseconds = mtimeMs;
      const isFull = bytes.length >= fullBytes;
      const isKnown = isNew && !isFull && passed !== null && age >= 0;
      return { bytes, ageSeconds: isKnown ? Math.min(age, passed) / 1000 : null, isFull };
    },
    watch() {
      watched ??= new Socket({ fd: readFd, readable: true, writable: false });
      return watched;
    },
    close() {
      if (watched !== null) watched.destroy();
      else if (isOpen) closeSync(readFd);
      isOpen = false;
    },
  };
}

const nothing: Waited = { bytes: Buffer.alloc(0), ageSeconds: null, isFull: false };

/** At most what a pipe holds; empty where nothing waits, or the writer is gone. */
function readNow(fd: number): Buffer {
  try {
    return Buffer.from(room.subarray(0, readSync(fd, room)));
  } catch {
    return nothing.bytes;
  }
}
