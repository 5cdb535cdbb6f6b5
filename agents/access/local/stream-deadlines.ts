import { startDeadline, startTimer } from '../../deadline.ts';
import type { StreamOptions } from '../host-access.ts';

export type Late = 'start-timeout' | 'sample-timeout';

/** For the first line of a stream, and renewed by each for the next. */
export interface StreamDeadlines {
  renew(): void;
  end(): void;
}

type Limits = Pick<StreamOptions, 'startDeadlineSeconds' | 'sampleDeadlineSeconds'>;

/** @param canWait lines are looked for with the beats, and so is their deadline; else a driver that hangs is told on time */
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
