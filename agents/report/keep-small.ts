import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After the start, which needs many times what the agent needs later; and then now and then. */
const firstSeconds = 20;
const laterSeconds = 300;

type CollectGarbage = (options?: { type: string; execution: string; flavor: string }) => void;

/**
 * Gives memory back to the machine that is watched: left alone, V8 keeps what the start needed. Returns the way to stop.
 */
export function keepSmall(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage;
  let timer: NodeJS.Timeout;
  const trim = (): void => {
    // "Last resort" shrinks the young generation too, a plain collection does not.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    timer = setTimeout(trim, laterSeconds * 1000).unref();
  };
  timer = setTimeout(trim, firstSeconds * 1000).unref();
  return () => clearTimeout(timer);
}
