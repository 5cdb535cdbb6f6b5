import { parentPort, workerData } from 'node:worker_threads';
import { toStoreError } from '../../sqlite/store-errors.ts';
import { type EngineOptions, type HistoryEngine, openEngine } from './engine.ts';
import type { Reply, Request } from './messages.ts';

const options: EngineOptions = workerData;

function answer(id: number, work: () => unknown): boolean {
  let reply: Reply;
  try {
    reply = { id, ok: true, output: work() };
  } catch (error) {
    const { code, message } = toStoreError(error, options.path);
    reply = { id, ok: false, code, message };
  }
  parentPort?.postMessage(reply);
  return reply.ok;
}

function perform(engine: HistoryEngine, request: Request): unknown {
  switch (request.name) {
    case 'append':
      return engine.append(request.input.readings, request.input.nowMilliseconds);
    case 'query':
      return engine.query(request.input.query, request.input.nowMilliseconds);
    case 'ownerUse':
      return engine.ownerUse(request.input);
    case 'findOwner':
      return engine.findOwner(request.input.hostId, request.input.key);
    case 'tick':
      engine.tick(request.input.nowMilliseconds);
      return null;
    case 'stats':
      return engine.stats();
    case 'close':
      engine.close();
      return null;
  }
}

const opened: { engine?: HistoryEngine } = {};
const isOpen = answer(0, () => {
  opened.engine = openEngine(options);
  return null;
});
const { engine } = opened;
if (isOpen && engine !== undefined) {
  parentPort?.on('message', (request: Request) => {
    answer(request.id, () => perform(engine, request));
    if (request.name === 'close') parentPort?.close();
  });
}
