import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { RecordedAnswer } from '../../replay/recording.ts';

const socketPaths = ['/var/run/docker.sock', '/run/docker.sock'];

/** A Docker Engine API that answers GET from recorded answers, over in-memory connections. */
export interface EngineSocket {
  /** Rejects with an Error whose code is ENOENT where there is no such socket. */
  connect(path: string): Promise<Duplex>;
  close(): void;
}

/** `@-90s` in a recorded answer is the time 90 s before it is played: what failed lately did so whenever it is looked at. */
function inTime(body: string): string {
  const now = Date.now();
  return body.replace(/"@-(\d{1,6})s"/g, (_, seconds) =>
    JSON.stringify(new Date(now - Number(seconds) * 1000).toISOString()),
  );
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: ReadonlyMap<string, RecordedAnswer>,
): void {
  request.resume();
  const path = (request.url ?? '/').split('?')[0]?.replace(/^\/v\d+\.\d+(?=\/)/, '') ?? '/';
  const isGet = request.method === 'GET';
  // The agent's list of containers that do not run is recorded beside the list of those that do.
  const key = path === '/containers/json' && request.url?.includes('all=1') === true ? `${path}?all=1` : path;
  const found = isGet ? answers.get(key) : undefined;
  const status = found?.status ?? (isGet ? 404 : 405);
  const body = found === undefined ? null : inTime(found.body);
  const text = body ?? JSON.stringify({ message: isGet ? 'page not found' : 'only GET is recorded' });
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const absent = (path: string): Error =>
  Object.assign(new Error(`connect ENOENT ${path}`), { code: 'ENOENT', syscall: 'connect', address: path });

/** @param answers by path; empty: the host has no Docker */
export function createEngineSocket(answers: () => ReadonlyMap<string, RecordedAnswer>): EngineSocket {
  let server: Server | null = null;
  const open = new Set<Duplex>();
  return {
    async connect(path) {
      const known = answers();
      if (known.size === 0 || !socketPaths.includes(path)) throw absent(path);
      server ??= createServer((request, response) => answer(request, response, answers()));
      const [near, far] = duplexPair();
      open.add(near);
      near.once('close', () => {
        open.delete(near);
        far.destroy();
      });
      // Like a socket, the other end going away ends this one.
      far.once('close', () => near.destroy());
      far.on('error', () => near.destroy());
      server.emit('connection', far);
      return near;
    },
    close() {
      for (const connection of open) connection.destroy();
      server?.close();
    },
  };
}
