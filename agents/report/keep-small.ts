import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After the start and after compiling, which need many times what the agent needs later; and then now and then. */
const pausesSeconds = [20, 60, 60] as const;

type CollectGarbage = (options?: { type: string; execution: string; flavor: string }) => void;

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
  const schedule = (): void => {
    timer = setTimeout(trim, (pausesSeconds[round] ?? pausesSeconds[2]) * 1000).unref();
    round += 1;
  };
  const trim = (): void => {
    // "Last resort" shrinks the young generation too, a plain collection does not.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    schedule();
  };
  schedule();
  return () => clearTimeout(timer);
}
