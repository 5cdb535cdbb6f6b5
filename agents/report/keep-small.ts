import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After the start and after what it loads, which need many times what the agent needs later; then it looks each minute. */
const pausesSeconds = [20, 40, 60] as const;
/** A collection costs as much as a dozen samples: only for what is worth giving back. */
const worthBytes = 3 * 1024 * 1024;
/** Room that was needed once, as for a program that printed without end, and that V8 keeps empty. */
const emptyBytes = 12 * 1024 * 1024;

type CollectGarbage = (options?: { type: string; execution: string; flavor?: string }) => void;

/**
 * Gives memory back to the machine that is watched: left alone, V8 keeps what the start needed. Returns the way to stop.
 */
export function keepSmall(): () => void {
  setFlagsFromString('--expose-gc');
  // What runs twice a minute would be thrown away each time, and compiled again.
  setFlagsFromString('--no-flush-bytecode');
  const collect = runInNewContext('gc') as CollectGarbage;
  let timer: NodeJS.Timeout;
  let round = 0;
  let leastBytes = 0;
  let leastResidentBytes = Number.POSITIVE_INFINITY;
  const schedule = (): void => {
    timer = setTimeout(trim, (pausesSeconds[round] ?? pausesSeconds[2]) * 1000).unref();
    round += 1;
  };
  const trim = (): void => {
    const isStarting = round < pausesSeconds.length;
    const isRoomy = process.memoryUsage.rss() > leastResidentBytes + emptyBytes;
    if (isStarting || isRoomy || usedBytes() > leastBytes + worthBytes) {
      // Only the last resort gives back empty pages too; it costs some collections at once.
      collect({ type: 'major', execution: 'sync', flavor: isRoomy ? 'last-resort' : 'regular' });
      leastBytes = usedBytes();
      leastResidentBytes = Math.min(leastResidentBytes, process.memoryUsage.rss());
    }
    schedule();
  };
  schedule();
  return () => clearTimeout(timer);
}

const usedBytes = (): number => getHeapStatistics().used_heap_size;
