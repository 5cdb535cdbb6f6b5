import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { drive } from '../../agents/access/simulated/player/drive.ts';
import type { Step } from '../../agents/access/simulated/player/perform.ts';

/** Plays a stream into the pipe that a `cat` reads, until that is gone; null while nobody reads it. */
export function feedStream(
  path: string,
  steps: Iterator<Step, void, void>,
  onEnd: () => void,
): (() => void) | null {
  let pipe: number;
  try {
    pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  let isOpen = true;
  let stopDriving = (): void => undefined;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stopDriving();
    closeSync(pipe);
    onEnd();
  };
  stopDriving = drive(steps, {
    write(text) {
      try {
        if (isOpen) writeSync(pipe, text);
      } catch {
        end();
      }
    },
    exit: end,
    brace: () => undefined,
    hang: () => undefined,
    fail: end,
  });
  // What ended before there was anything to stop.
  if (!isOpen) stopDriving();
  return end;
}
