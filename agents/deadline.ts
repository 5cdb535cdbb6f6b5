import { beatGapSeconds, offBeat, onBeat } from './beat.ts';

/** A deadline that nearly never comes. */
export interface Deadline {
  /** There was a sign of life: it counts from now. */
  refresh(): void;
  /** What it was for is done. */
  end(): void;
}

/** How much later than told a deadline may be noticed, as a part of it, for not being a timer of its own. */
const mostLater = 3;

/**
 * Calls `onLate` once, so many seconds from now. Where beats come often enough it is looked at with them: a timer that was
 * set wakes the process also when it was cleared in time, and each of these is.
 */
export function startDeadline(seconds: number, onLate: () => void): Deadline {
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  let isLoose = false;
  const end = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (isLoose) offBeat(look);
    isLoose = false;
  };
  const late = (): void => {
    end();
    onLate();
  };
  const look = (): void => {
    if (isLoose && performance.now() >= dueAt) late();
  };
  const refresh = (): void => {
    dueAt = performance.now() + seconds * 1000;
    if (isLoose) return;
    if (beatGapSeconds() > mostLater * seconds) {
      timer = timer?.refresh() ?? setTimeout(late, seconds * 1000);
      return;
    }
    end();
    isLoose = true;
    onBeat(look);
  };
  refresh();
  return { refresh, end };
}
