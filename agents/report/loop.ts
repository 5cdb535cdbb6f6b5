import type { Collector } from '../collect/index.ts';

/** A report comes no later than this many intervals after the last, also when no sample does. */
const latestIntervals = 1.25;
/** Two samples closer than this are one reading: the faster stream starts before the slower stops. */
const earliestIntervals = 0.4;

/**
 * Takes a reading when a fresh sample is there, when one is overdue, and when the agent lets go of the GPUs or takes
 * them up again. Returns the way to stop.
 */
export function startLoop(collector: Collector, take: () => void): () => void {
  let takenSeconds = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(takeNow, collector.intervalSeconds * latestIntervals * 1000);
  };
  const takeNow = (): void => {
    takenSeconds = performance.now() / 1000;
    schedule();
    take();
  };
  const stopListening = collector.onSample(() => {
    const sinceSeconds = performance.now() / 1000 - takenSeconds;
    if (sinceSeconds >= collector.intervalSeconds * earliestIntervals) takeNow();
  });
  const stopWatching = collector.pauses.onChange(takeNow);
  schedule();
  return () => {
    stopListening();
    stopWatching();
    if (timer !== null) clearTimeout(timer);
  };
}
