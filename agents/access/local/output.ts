import type { Readable } from 'node:stream';
import { deferred } from '../../deferred.ts';
import type { WaitingPipe } from './waiting-pipe.ts';

/** What a program prints: read as it comes, or, while it waits in a pipe, when it is asked for. */
export interface Output {
  /** Reads what waits; returns the seconds since it came, null where that is not known. */
  take(): number | null;
  /** False once it is read as it comes. */
  readonly isWaiting: boolean;
  /** From now on it is read as it comes. */
  watch(): void;
  /** Settles when all that is watched was read. */
  readonly closed: Promise<void>;
  /** Nothing more is read. */
  destroy(): void;
}

/** @param pipe null: `stdout` is read as it comes */
export function createOutput(
  stdout: Readable | null,
  pipe: WaitingPipe | null,
  read: (chunk: Buffer) => void,
): Output {
  let isWaiting = pipe !== null;
  let watched = stdout;
  let closed = readAll(watched, read);
  const watch = (): void => {
    if (pipe === null || !isWaiting) return;
    isWaiting = false;
    watched = pipe.watch();
    closed = readAll(watched, read);
  };
  return {
    take() {
      if (pipe === null || !isWaiting) return null;
      const { bytes, ageSeconds, isFull } = pipe.take();
      // More comes than is asked for, and would be read ever later.
      if (isFull) watch();
      read(bytes);
      return ageSeconds;
    },
    get isWaiting() {
      return isWaiting;
    },
    watch,
    get closed() {
      return closed;
    },
    destroy() {
      isWaiting = false;
      watched?.destroy();
      pipe?.close();
    },
  };
}

function readAll(stdout: Readable | null, read: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve } = deferred<void>();
  if (stdout === null) resolve();
  stdout?.on('data', read);
  stdout?.on('error', () => {});
  stdout?.once('close', () => resolve());
  return promise;
}
