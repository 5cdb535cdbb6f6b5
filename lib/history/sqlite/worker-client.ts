import { Worker } from 'node:worker_threads';
import { StoreError } from '../../state/state-store.ts';
import type { EngineOptions } from './engine.ts';
import type { Operations, Reply } from './messages.ts';

export interface WorkerClient {
  call<Name extends keyof Operations>(
    name: Name,
    input: Operations[Name]['input'],
  ): Promise<Operations[Name]['output']>;
  /** Resolves when the thread has ended, asked or not. */
  readonly exited: Promise<void>;
  /** Resolves when the thread has ended; after the deadline it is ended. */
  ended(deadlineMilliseconds: number): Promise<void>;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: StoreError): void;
}

/** Starts the thread; resolves when the database is open, rejects with StoreError when it cannot be. */
export async function startWorker(options: EngineOptions): Promise<WorkerClient> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: options,
    name: 'gpufleet-history',
  });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let failure: StoreError | null = null;
  const wait = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });
  const fail = (error: StoreError): void => {
    failure ??= error;
    for (const each of waiting.values()) each.reject(error);
    waiting.clear();
  };
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      fail(new StoreError('failed', `the history thread of ${options.path} has ended (code ${code})`));
      resolve();
    });
  });
  worker.on('error', (error) => {
    fail(
      new StoreError('failed', `the history thread of ${options.path} failed: ${error}`, { cause: error }),
    );
  });
  worker.on('message', (reply: Reply) => {
    const each = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) each?.resolve(reply.output);
    else each?.reject(new StoreError(reply.code, reply.message));
  });
  await wait(0);
  return {
    async call(name, input) {
      if (failure !== null) throw failure;
      const id = ++lastId;
      const reply = wait(id);
      worker.postMessage({ id, name, input });
      return (await reply) as Operations[typeof name]['output'];
    },
    exited,
    async ended(deadlineMilliseconds) {
      const timer = setTimeout(() => void worker.terminate(), deadlineMilliseconds);
      await exited;
      clearTimeout(timer);
    },
  };
}
