import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from './children.ts';

export interface Waited {
  readonly bytes: Buffer;
  /** Since the last of them was written; where the kernel does not tell, the most that it can be. */
  readonly ageSeconds: number;
  /** The pipe was full: its writer may have been held up. */
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
const makeMilliseconds = 1000;
/** The kernel's clock for files goes in steps of up to 10 ms. */
const clockStepMilliseconds = 20;
/** In memory before the disk: each write to a pipe is noted in its file's time. */
const folders = ['/dev/shm', tmpdir()];
/** Shared: its content is copied at once. */
const room = Buffer.alloc(capacityBytes);

/** Null where none can be made. Node's own pipes are read as soon as something comes, so this is one with a name, for a moment. */
export function createWaitingPipe(): WaitingPipe | null {
  for (const folder of folders) {
    const ends = openPipe(folder);
    if (ends !== null) return waitingPipe(ends);
  }
  return null;
}

interface Ends {
  readonly readFd: number;
  readonly writeFd: number;
}

function openPipe(parent: string): Ends | null {
  let folder: string | null = null;
  let readFd: number | null = null;
  try {
    folder = mkdtempSync(join(parent, `gpufleet-pipe-${process.pid}-`));
    const path = join(folder, 'pipe');
    const made = spawnSync('mkfifo', ['-m', '600', path], {
      stdio: 'ignore',
      env: childEnvironment(),
      timeout: makeMilliseconds,
      killSignal: 'SIGKILL',
    });
    if (made.status !== 0) return null;
    readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readFd, writeFd: openSync(path, constants.O_WRONLY) };
  } catch {
    if (readFd !== null) closeSync(readFd);
    return null;
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

function waitingPipe({ readFd, writeFd }: Ends): WaitingPipe {
  let isOurs = true;
  let isOpen = true;
  let watched: Socket | null = null;
  let takenAt = performance.now();
  /** The time of the last write that was seen, by the clock of files. */
  let seenMilliseconds = fstatSync(readFd).mtimeMs;
  /** The kernel dates writes, and nothing more came in the same step of its clock as what was seen. */
  let isDated = false;
  return {
    writeFd,
    handOver() {
      if (isOurs) closeSync(writeFd);
      isOurs = false;
    },
    take() {
      const sinceTaken = performance.now() - takenAt;
      const { mtimeMs } = fstatSync(readFd);
      // To try costs an exception where nothing waits.
      if (isDated && mtimeMs === seenMilliseconds) return nothing;
      takenAt += sinceTaken;
      const age = Date.now() - mtimeMs;
      const bytes = readNow(readFd);
      if (bytes.length === 0) return nothing;
      const isNew = mtimeMs !== seenMilliseconds;
      isDated = isNew && age > clockStepMilliseconds;
      seenMilliseconds = mtimeMs;
      const milliseconds = isNew ? Math.min(Math.max(0, age), sinceTaken) : sinceTaken;
      return { bytes, ageSeconds: milliseconds / 1000, isFull: bytes.length >= capacityBytes };
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

const nothing: Waited = { bytes: Buffer.alloc(0), ageSeconds: 0, isFull: false };

/** At most what a pipe holds; empty where nothing waits, or the writer is gone. */
function readNow(fd: number): Buffer {
  try {
    return Buffer.from(room.subarray(0, readSync(fd, room)));
  } catch {
    return nothing.bytes;
  }
}
