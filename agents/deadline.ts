import { beatGapSeconds, offBeat, onBeat } from './beat.ts';

/** A deadline that nearly never comes. */
export interface Deadline {
  /** What it was for is done. */
  end(): void;
}

/** How much later than told a deadline may be noticed, as a part of it, for not being a timer of its own. */
const mostLater = 3;

/**
 * Calls `onLate` once, so many seconds from now. Where beats come often enough it is looked at with them: a timer that was
 * set and cleared between two of them wakes the process all the same, and so are nearly all of these.
 */
export function startDeadline(seconds: number, onLate: () => void): Deadline {
  if (beatGapSeconds() > mostLater * seconds) return startTimer(seconds, onLate);
  const dueAt = performance.now() + seconds * 1000;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    offBeat(look);
  };
  const look = (): void => {
    if (isOver || performance.now() < dueAt) return;
    end();
    onLate();
  };
  onBeat(look);
  return { end };
}

/**
 * The same, on time. Each is a timer of its own: one that is refreshed makes Node wake for the moment that it was first set
 * for.
 */
export function startTimer(seconds: number, onLate: () => void): Deadline {
  const timer = setTimeout(onLate, seconds * 1000);
  return { end: () => clearTimeout(timer) };
}
