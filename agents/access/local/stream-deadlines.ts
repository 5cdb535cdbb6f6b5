import { startDeadline } from '../../deadline.ts';
import type { StreamOptions } from '../host-access.ts';

export type Late = 'start-timeout' | 'sample-timeout';

/** For the first line of a stream, and renewed by each for the next. */
export interface StreamDeadlines {
  renew(): void;
  end(): void;
}

type Limits = Pick<StreamOptions, 'startDeadlineSeconds' | 'sampleDeadlineSeconds'>;

/** Timers of their own: no beat comes to the moment, and a driver that hangs is told by these. */
export function createTimers(limits: Limits, onLate: (late: Late) => void): StreamDeadlines {
  const start = setTimeout(onLate, limits.startDeadlineSeconds * 1000, 'start-timeout');
  let sample: NodeJS.Timeout | null = null;
  let isOver = false;
  return {
    renew() {
      clearTimeout(start);
      // Not refreshed: Node would go on to wake for the moment that it was first set for.
      if (sample !== null) clearTimeout(sample);
      // What comes while the last output is awaited is no reason to wait for more.
      if (!isOver) sample = setTimeout(onLate, limits.sampleDeadlineSeconds * 1000, 'sample-timeout');
    },
    end() {
      isOver = true;
      clearTimeout(start);
      if (sample !== null) clearTimeout(sample);
    },
  };
}

/** For lines that may wait, and are looked for with the beats. */
export function createSeldomDeadlines(limits: Limits, onLate: (late: Late) => void): StreamDeadlines {
  let current = startDeadline(limits.startDeadlineSeconds, () => onLate('start-timeout'));
  let isOver = false;
  return {
    renew() {
      current.end();
      if (!isOver) current = startDeadline(limits.sampleDeadlineSeconds, () => onLate('sample-timeout'));
    },
    end() {
      isOver = true;
      current.end();
    },
  };
}
