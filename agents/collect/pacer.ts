import { beatGapSeconds, offBeat, onBeat } from '../beat.ts';

/** Runs one thing again and again, never twice at once. */
export interface Pacer {
  /** Runs now; resolves after that run, or after the one under way. */
  start(): Promise<void>;
  /** Brings the next run forward to at most so many seconds from now. */
  hurry(withinSeconds: number): void;
  /** No further run; resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** Shorter pauses are kept as they are. */
const looseFromSeconds = 4;
/** How much sooner than told a loose pause may end, as a part of it. */
const soonerPart = 0.3;

/** Whether the next beat comes soon enough to end such a pause. */
const mayWaitForBeat = (seconds: number): boolean =>
  seconds >= looseFromSeconds && beatGapSeconds() * (1 - soonerPart) <= seconds;

/**
 * `run` never rejects and gives the seconds until the next one.
 * @param isExact its pauses are kept to the millisecond; others of some seconds end with the nearest beat
 */
export function createPacer(run: () => Promise<number>, isExact = false): Pacer {
  let timer: NodeJS.Timeout | null = null;
  let pause = 0;
  let dueAt = Number.POSITIVE_INFINITY;
  let hurried = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  let stopped = false;
  const look = (until: number): void => {
    if (Math.min(until, performance.now() + soonerPart * pause) >= dueAt) void turn();
  };
  const rest = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    offBeat(look);
  };
  const schedule = (seconds: number, mayBeLoose: boolean): void => {
    if (stopped) return;
    rest();
    pause = seconds * 1000;
    dueAt = performance.now() + pause;
    if (mayBeLoose && mayWaitForBeat(seconds)) onBeat(look);
    else timer = setTimeout(turn, pause);
  };
  const turn = (): Promise<void> => {
    rest();
    dueAt = Number.POSITIVE_INFINITY;
    hurried = Number.POSITIVE_INFINITY;
    running = run().then((seconds) => {
      running = null;
      schedule(Math.min(seconds, hurried), !isExact && seconds <= hurried);
    });
    return running;
  };
  return {
    start: () => running ?? turn(),
    hurry(withinSeconds) {
      if (running !== null) hurried = Math.min(hurried, withinSeconds);
      else if (dueAt !== Number.POSITIVE_INFINITY && performance.now() + withinSeconds * 1000 < dueAt)
        schedule(withinSeconds, false);
    },
    async stop() {
      stopped = true;
      rest();
      dueAt = Number.POSITIVE_INFINITY;
      await running;
    },
  };
}
