const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** Below what the hub takes at once: on a machine that is short of time the pace falls, and nothing is refused. */
const mostRunning = 200;

/**
 * Begins `work(0)`, `work(1)` … at `perSecond` without waiting for one before the next. Resolves when all are done,
 * and rejects when one did.
 */
export async function paced(
  count: number,
  perSecond: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now();
  const running = new Set<Promise<void>>();
  const faults: unknown[] = [];
  for (let index = 0; index < count && faults.length === 0; index++) {
    const early = startedAt + (index * 1000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    while (running.size >= mostRunning) await Promise.race(running);
    const begun = work(index)
      .then(
        () => undefined,
        (error: unknown) => void faults.push(error),
      )
      .finally(() => running.delete(begun));
    running.add(begun);
  }
  await Promise.all(running);
  if (faults.length > 0) throw faults[0];
}
