import { type Deadline, startDeadline } from '../../deadline.ts';
import type { StreamOptions } from '../host-access.ts';

export type Late = 'start-timeout' | 'sample-timeout';

/** For the first line of a stream, and renewed by each for the next. */
export interface StreamDeadlines {
  renew(): void;
  end(): void;
}

type Limits = Pick<StreamOptions, 'startDeadlineSeconds' | 'sampleDeadlineSeconds'>;

/** @param canWait lines are looked for with the beats, and so is their deadline */
export function createStreamDeadlines(
  limits: Limits,
  canWait: boolean,
  onLate: (late: Late) => void,
): StreamDeadlines {
  const start = canWait ? startDeadline : startTimer;
  let current = start(limits.startDeadlineSeconds, () => onLate('start-timeout'));
  let isOver = false;
  return {
    renew() {
      current.end();
      // What comes while the last output is awaited is no reason to wait for more.
      if (!isOver) current = start(limits.sampleDeadlineSeconds, () => onLate('sample-timeout'));
    },
    end() {
      isOver = true;
      current.end();
    },
  };
}

/**
 * On time, for no beat comes to the moment, and a driver that hangs is told by these. Each is a timer of its own: one that
 * is refreshed makes Node wake for the moment that it was first set for.
 */
function startTimer(seconds: number, onLate: () => void): Deadline {
  const timer = setTimeout(onLate, seconds * 1000);
  return { end: () => clearTimeout(timer) };
}
