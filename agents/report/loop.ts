import { beginReport } from '../beat.ts';
import { type Collector, sampleDeadlineSeconds } from '../collect/index.ts';

/** While no samples come, a report comes no later than this many intervals after the last. */
const latestIntervals = 1.25;
/** While they come: after their own deadline, and before the hub takes the host for gone after three intervals. */
const overdueSeconds = (intervalSeconds: number): number =>
  Math.min(sampleDeadlineSeconds(intervalSeconds) + 0.2, 2.5 * intervalSeconds);
/** Two samples closer than this are one reading: the faster stream starts before the slower stops. */
const earliestIntervals = 0.4;

/**
 * Takes a reading when a fresh sample is there, when one is overdue, and when the agent lets go of the GPUs or takes
 * them up again. While samples come, only their own deadline is waited for: a timer at each would wake the agent for
 * nothing. Returns the way to stop.
 */
export function startLoop(collector: Collector, take: () => void): () => void {
  let takenSeconds = Number.NEGATIVE_INFINITY;
  /** When the last sample came, while the stream is not known to have ended. */
  let sampledSeconds: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  const schedule = (seconds: number): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(takeNow, seconds * 1000);
  };
  const takeThenWait = (seconds: number): void => {
    takenSeconds = performance.now() / 1000;
    schedule(seconds);
    beginReport();
    take();
  };
  const latestSeconds = (): number => collector.intervalSeconds * latestIntervals;
  const takeNow = (): void => takeThenWait(latestSeconds());
  const onSample = (): void => {
    const { intervalSeconds } = collector;
    sampledSeconds = performance.now() / 1000;
    if (sampledSeconds - takenSeconds >= intervalSeconds * earliestIntervals)
      takeThenWait(overdueSeconds(intervalSeconds));
  };
  /** No sample is waited for any more at the pace that was: the next report is due as without any. */
  const onEnd = (): void => {
    const fromSeconds = sampledSeconds ?? takenSeconds;
    sampledSeconds = null;
    schedule(Math.max(0, fromSeconds + latestSeconds() - performance.now() / 1000));
  };
  const stopListening = collector.onSample((event) => (event === 'sample' ? onSample() : onEnd()));
  const stopWatching = collector.pauses.onChange(takeNow);
  schedule(latestSeconds());
  return () => {
    stopListening();
    stopWatching();
    if (timer !== null) clearTimeout(timer);
  };
}
