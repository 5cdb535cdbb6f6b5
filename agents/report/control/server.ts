import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { longestPauseReason, longestPauseSeconds } from '../../../lib/model/index.ts';
import type { Pauses } from '../../collect/pauses/index.ts';
import { type ControlAnswer, type ControlRequest, longestLine, longestSocketPath } from './wire.ts';

export interface ControlServer {
  close(): Promise<void>;
}

const deadlineMilliseconds = 5000;
const mostConnections = 8;

/**
 * The agent's control socket, for its own user and root. Rejects with an Error that says why there is none. The state
 * folder is held by one agent, so a socket that lies there is left over from one that was killed.
 */
export async function serveControl(path: string, pauses: Pauses): Promise<ControlServer> {
  if (Buffer.byteLength(path) > longestSocketPath)
    throw new Error(`${path} is longer than the ${longestSocketPath} bytes that a socket may have`);
  rmSync(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, pauses);
  });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(socket: Socket, pauses: Pauses): void {
  const timer = setTimeout(() => socket.destroy(), deadlineMilliseconds);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  let text = '';
  let isAnswered = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    if (isAnswered) return;
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= longestLine) return;
    isAnswered = true;
    void answer(end < 0 ? '' : text.slice(0, end), pauses).then((told) =>
      socket.end(`${JSON.stringify(told)}\n`),
    );
  });
}

async function answer(line: string, pauses: Pauses): Promise<ControlAnswer> {
  const request = readRequest(line);
  if (typeof request === 'string') return { ok: false, error: request };
  let stuckPids: readonly number[] = [];
  if (request.do === 'pause') {
    const { forSeconds, by, reason } = request;
    ({ stuckPids } = await pauses.pause({ kind: 'command', forSeconds, by, reason }));
  } else if (request.do === 'resume') pauses.end('command', 'hub', 'mig-pending', 'asleep');
  return { ok: true, pid: process.pid, pause: pauses.current, stuckPids };
}

function readRequest(line: string): ControlRequest | string {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return 'the request is no line of JSON';
  }
  const { do: verb, forSeconds, by, reason } = value;
  if (verb === 'resume' || verb === 'status') return { do: verb };
  if (verb !== 'pause') return 'the request is none of pause, resume, status';
  if (typeof forSeconds !== 'number' || !(forSeconds > 0 && forSeconds <= longestPauseSeconds))
    return `forSeconds must be above 0 and at most ${longestPauseSeconds}`;
  const text = (given: unknown, most: number): string | null =>
    typeof given === 'string' ? given.slice(0, most) : null;
  return { do: 'pause', forSeconds, by: text(by, 256), reason: text(reason, longestPauseReason) };
}
