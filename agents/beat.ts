/**
 * Beats: the moments at which an agent takes a report, and is awake anyway. To wake up costs it as much as most of what it
 * then does, so what may wait a little is looked at then, and has no timer of its own. Only a process that reads one host
 * has beats; where none come, timers do their work.
 */
let beatAt = Number.NEGATIVE_INFINITY;
let gap = Number.POSITIVE_INFINITY;
/** Beats that stay away, as once reports are wanted seldom, put nothing off for longer. */
const longestGapSeconds = 60;
let lookout: NodeJS.Timeout | null = null;
let begunAt = Number.POSITIVE_INFINITY;
/** Of the last report; 0 where no beats come. */
let workMilliseconds = 0;

/** `until`: what is due until then, on the clock of `performance.now()`, is done at this look. */
type Look = (until: number) => void;
const looks = new Set<Look>();

const lookUntil = (until: number): void => {
  for (const look of [...looks]) look(until);
};

const lookOut = (): void => {
  lookout = setTimeout(lookOut, longestGapSeconds * 1000).unref();
  lookUntil(performance.now());
};

/**
 * Call it once a report is taken, and its work is done.
 * @param expectedSeconds the usual time to the next: two that come close together are no sign of a quick beat
 */
export function beat(expectedSeconds = 0): void {
  const now = performance.now();
  gap = Math.max(now - beatAt, expectedSeconds * 1000);
  beatAt = now;
  if (lookout !== null) clearTimeout(lookout);
  lookout = setTimeout(lookOut, longestGapSeconds * 1000).unref();
  // At the beat that is nearest, and not the one after.
  lookUntil(now + gap / 2);
  workMilliseconds = Math.max(0, performance.now() - begunAt);
}

/** Seconds between the last two beats; Infinity where there are none. */
export const beatGapSeconds = (): number => gap / 1000;

/** Called at each beat until the same is given to `offBeat`. */
export const onBeat = (look: Look): unknown => looks.add(look);
export const offBeat = (look: Look): unknown => looks.delete(look);

/** The shortest that a timer takes. */
const dropMilliseconds = 1;

/**
 * Call it where the work of a report begins, whose end is the beat. Node leaves the kernel's timer as it is when the timer
 * that it was set for is cleared, and wakes for nothing then. One that is over by the end of the work makes Node look at
 * once for the next that counts; where the work takes no millisecond, it would be a wake more. It helps where no other
 * timer is as long as the one that was cleared: of those Node knows only when the first was set.
 */
export function beginReport(): void {
  begunAt = performance.now();
  if (workMilliseconds >= dropMilliseconds) setTimeout(nothing, dropMilliseconds);
}

const nothing = (): void => {};
