import { StoreError } from '../../state/state-store.ts';
import type { HistoryStore, Retention } from '../history-store.ts';
import type { AppendOutcome } from './engine.ts';
import { keepWorker } from './kept-worker.ts';
import { type Reading, toReading } from './reading.ts';
import type { WorkerClient } from './worker-client.ts';

export interface SqliteHistoryOptions {
  readonly path: string;
  readonly retention: Retention;
  /** Unix milliseconds; the system's clock unless told. */
  readonly now?: () => number;
  /** Bounds of what waits for a commit; past either, append rejects with `full`. */
  readonly maxQueuedEntries?: number;
  readonly maxQueuedNumbers?: number;
  /** Told in a line when the thread is lost, is back, or cannot be brought back. */
  readonly log?: (line: string) => void;
  /** First pause between attempts to bring the thread back. */
  readonly reopenPauseMilliseconds?: number;
}

const batchMilliseconds = 50;
const maxBatchEntries = 2000;
const tickMilliseconds = 5000;
const closeDeadlineMilliseconds = 30_000;

interface Pending {
  readonly readings: readonly Reading[];
  resolve(outcomes: readonly AppendOutcome[]): void;
  reject(error: unknown): void;
}

/**
 * Opens the history in a thread of its own. `append` resolves after the commit, which a SIGKILL of the hub cannot
 * undo; a power cut can take the last seconds with it (whole transactions, never half), since commits are not synced.
 */
export async function createSqliteHistory(options: SqliteHistoryOptions): Promise<HistoryStore> {
  const { path, retention, now = Date.now } = options;
  const { log = () => {}, reopenPauseMilliseconds: pauseMilliseconds = 250 } = options;
  const worker = await keepWorker({ path, retention }, { log, pauseMilliseconds });
  const queue = createAppendQueue(worker, options);
  const timer = setInterval(() => {
    // What fails here fails again, and is told, at the next append.
    worker.call('tick', { nowMilliseconds: now() }).catch(() => {});
  }, tickMilliseconds).unref();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    clearInterval(timer);
    // Counts from now, so that a disk that hangs cannot keep the hub from stopping.
    const ended = worker.ended(closeDeadlineMilliseconds);
    await queue.drain();
    try {
      await worker.call('close', null);
    } finally {
      await ended;
    }
  };
  return {
    async append(entries) {
      if (closing !== null) throw new StoreError('failed', `${path} is closed`);
      return queue.append(entries.map(toReading));
    },
    queryRange: (query) => worker.call('query', { query, nowMilliseconds: now() }),
    ownerUse: (query) => worker.call('ownerUse', query),
    findOwner: (hostId, key) => worker.call('findOwner', { hostId, key }),
    async stats() {
      return { ...(await worker.call('stats', null)), queuedEntries: queue.length() };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

interface AppendQueue {
  append(readings: readonly Reading[]): Promise<readonly AppendOutcome[]>;
  length(): number;
  /** Resolves when everything that was queued is committed or refused. */
  drain(): Promise<void>;
}

/** Gathers callers for a moment, or as long as the batch before takes, and sends them as one transaction. */
function createAppendQueue(worker: Pick<WorkerClient, 'call'>, options: SqliteHistoryOptions): AppendQueue {
  const { now = Date.now, maxQueuedEntries = 20_000, maxQueuedNumbers = 4_000_000 } = options;
  let pending: Pending[] = [];
  let queuedEntries = 0;
  let queuedNumbers = 0;
  let running: Promise<void> | null = null;
  const numbersOf = (readings: readonly Reading[]): number =>
    readings.reduce((sum, { numbers }) => sum + numbers.length / 3, 0);

  const takeBatch = (): Pending[] => {
    let entries = 0;
    const end = pending.findIndex(({ readings }, index) => {
      entries += readings.length;
      return index > 0 && entries > maxBatchEntries;
    });
    const batch = pending.slice(0, end === -1 ? pending.length : end);
    pending = pending.slice(batch.length);
    return batch;
  };
  const send = async (batch: readonly Pending[]): Promise<void> => {
    const readings = batch.flatMap((each) => each.readings);
    try {
      const outcomes = await worker.call('append', { readings, nowMilliseconds: now() });
      let at = 0;
      for (const each of batch) {
        each.resolve(outcomes.slice(at, at + each.readings.length));
        at += each.readings.length;
      }
    } catch (error) {
      for (const each of batch) each.reject(error);
    } finally {
      queuedEntries -= readings.length;
      queuedNumbers -= numbersOf(readings);
    }
  };
  const run = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, batchMilliseconds));
    while (pending.length > 0) await send(takeBatch());
    running = null;
  };

  return {
    async append(readings) {
      if (readings.length === 0) return [];
      const numbers = numbersOf(readings);
      if (queuedEntries + readings.length > maxQueuedEntries || queuedNumbers + numbers > maxQueuedNumbers) {
        throw new StoreError('full', `history is behind: ${queuedEntries} readings wait for the disk`);
      }
      queuedEntries += readings.length;
      queuedNumbers += numbers;
      const outcomes = new Promise<readonly AppendOutcome[]>((resolve, reject) => {
        pending.push({ readings, resolve, reject });
      });
      running ??= run();
      return outcomes;
    },
    length: () => queuedEntries,
    async drain() {
      while (running !== null) await running;
    },
  };
}
