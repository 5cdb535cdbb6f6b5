/** Runs one thing again and again, never twice at once. */
export interface Pacer {
  /** Runs now; resolves after that run, or after the one under way. */
  start(): Promise<void>;
  /** Brings the next run forward to at most so many seconds from now. */
  hurry(withinSeconds: number): void;
  /** No further run; resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** Pauses from here on end on whole seconds of this process, a little early. */
const alignedFromSeconds = 4;
/** A timer may fire a moment too soon. */
const slackSeconds = 0.05;

/** What is due about now is done in one go: to wake up costs the agent as much as most of what it then does. */
function aligned(pauseSeconds: number): number {
  if (pauseSeconds < alignedFromSeconds) return pauseSeconds;
  const nowSeconds = performance.now() / 1000;
  return Math.max(0, Math.floor(nowSeconds + pauseSeconds + slackSeconds) - nowSeconds);
}

/**
 * `run` never rejects and gives the seconds until the next one.
 * @param isExact its pauses are kept to the millisecond
 */
export function createPacer(run: () => Promise<number>, isExact = false): Pacer {
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let hurried = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  let stopped = false;
  const schedule = (seconds: number): void => {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    dueAt = performance.now() + seconds * 1000;
    timer = setTimeout(turn, seconds * 1000);
  };
  const turn = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    hurried = Number.POSITIVE_INFINITY;
    running = run().then((seconds) => {
      running = null;
      const pauseSeconds = isExact ? seconds : aligned(seconds);
      schedule(Math.min(pauseSeconds, hurried));
    });
    return running;
  };
  return {
    start: () => running ?? turn(),
    hurry(withinSeconds) {
      if (running !== null) hurried = Math.min(hurried, withinSeconds);
      else if (timer !== null && performance.now() + withinSeconds * 1000 < dueAt) schedule(withinSeconds);
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
