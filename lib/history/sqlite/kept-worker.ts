import { StoreError } from '../../state/state-store.ts';
import type { EngineOptions } from './engine.ts';
import { startWorker, type WorkerClient } from './worker-client.ts';

export interface KeepOptions {
  /** One line for the operator. */
  log(line: string): void;
  /** Pause before the second attempt to reopen; it doubles from there, up to `longestPauseMilliseconds`. */
  readonly pauseMilliseconds: number;
}

const longestPauseMilliseconds = 30_000;
/** A thread that ends sooner than this counts as one more failure of the same trouble. */
const steadyMilliseconds = 60_000;
const failuresUntilTold = 5;

/**
 * A worker that is started anew whenever its thread ends unasked; the engine rebuilds itself from what was committed.
 * Meanwhile every call rejects with StoreError, so that agents send again and /readyz tells. Rejects with StoreError
 * when the first start fails.
 */
export async function keepWorker(
  options: EngineOptions,
  { log, pauseMilliseconds }: KeepOptions,
): Promise<Omit<WorkerClient, 'exited'>> {
  let current: WorkerClient | null = null;
  let isEnding = false;
  let failures = 0;
  let reopening: Promise<void> = Promise.resolve();
  let wake = (): void => {};
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const use = (client: WorkerClient): void => {
    const startedAt = performance.now();
    current = client;
    void client.exited.then(() => {
      if (isEnding) return;
      current = null;
      if (performance.now() - startedAt >= steadyMilliseconds) failures = 0;
      log(`the history thread of ${options.path} has ended unasked; it is started again`);
      reopening = reopen();
    });
  };
  const reopen = async (): Promise<void> => {
    while (!isEnding) {
      if (failures > 0)
        await pause(Math.min(pauseMilliseconds * 2 ** (failures - 1), longestPauseMilliseconds));
      failures += 1;
      if (isEnding) return;
      try {
        const client = await startWorker(options);
        if (isEnding) {
          await client.call('close', null);
          return;
        }
        use(client);
        log(`the history of ${options.path} is open again`);
        return;
      } catch (error) {
        if (failures !== failuresUntilTold) continue;
        const why = error instanceof Error ? error.message : String(error);
        log(
          `the history could not be reopened ${failures} times: nothing is stored until it can be, or the hub is restarted (${why})`,
        );
      }
    }
  };

  use(await startWorker(options));
  return {
    async call(name, input) {
      if (current === null)
        throw new StoreError('failed', `the history of ${options.path} is being reopened`);
      return current.call(name, input);
    },
    async ended(deadlineMilliseconds) {
      isEnding = true;
      wake();
      await reopening;
      await current?.ended(deadlineMilliseconds);
    },
  };
}
