import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { startDeadline } from '../../deadline.ts';

/** What the system says, in the few words that HostAccess promises. */
const codes: Readonly<Record<string, string>> = {
  ENOTDIR: 'ENOENT',
  EPERM: 'EACCES',
  EAGAIN: 'ETIMEDOUT',
  ENOTSOCK: 'ECONNREFUSED',
  EPROTOTYPE: 'ECONNREFUSED',
  ECONNRESET: 'ECONNREFUSED',
};

/** Connects to a Unix socket; rejects with ENOENT, EACCES, ECONNREFUSED or ETIMEDOUT as `code`. */
export function connectSocket(path: string, deadlineSeconds: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ path });
    const fail = (code: string, message: string): void => {
      deadline.end();
      socket.destroy();
      reject(Object.assign(new Error(`${path}: ${message}`), { code: codes[code] ?? code }));
    };
    const deadline = startDeadline(deadlineSeconds, () =>
      fail('ETIMEDOUT', `no connection within ${deadlineSeconds} s`),
    );
    const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? 'ECONNREFUSED', error.message);
    socket.once('error', onError);
    socket.once('connect', () => {
      deadline.end();
      socket.off('error', onError);
      // Whoever uses it hears of the end by 'close'; an error nobody listens for would end the agent.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
