import type { Clock } from '../clock.ts';

/** A second look no sooner than this after the last; longer while hints turn out to mean nothing. */
const shortestSeconds = 2;
const longestSeconds = 30;

/** When to read the slow document again because something hints at a change. */
export interface Lookout {
  /** Something may have changed: look as soon as that is not too often. */
  hint(): void;
  /** A look begins. */
  begin(): void;
  /** It ended; `foundNothing`: all was as before. */
  end(foundNothing: boolean): void;
}

/** `hurry` brings the next look forward to at most so many seconds from now. */
export function createLookout(clock: Clock, hurry: (withinSeconds: number) => void): Lookout {
  let gapSeconds = shortestSeconds;
  let lastSeconds = Number.NEGATIVE_INFINITY;
  let isHinted = false;
  let wasHinted = false;
  return {
    hint() {
      isHinted = true;
      hurry(Math.max(0, lastSeconds + gapSeconds - clock.monotonicSeconds()));
    },
    begin() {
      wasHinted = isHinted;
      isHinted = false;
    },
    end(foundNothing) {
      gapSeconds = foundNothing && wasHinted ? Math.min(longestSeconds, gapSeconds * 2) : shortestSeconds;
      lastSeconds = clock.monotonicSeconds();
    },
  };
}
