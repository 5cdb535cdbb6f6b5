import { Cleanup } from '../../e2e/integration/support/temporary.ts';

/** Runs `work` and undoes what it started, also when someone ends this process meanwhile. */
export async function cleaned<T>(work: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  let stop: (signal: NodeJS.Signals) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = (signal) => reject(new Error(`stopped by ${signal}`));
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  const working = work(cleanup);
  // What it still waits for is gone when it was stopped.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, stopped]);
  } finally {
    for (const signal of signals) process.off(signal, stop);
    await cleanup.run();
  }
}
