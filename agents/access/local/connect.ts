import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

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
      clearTimeout(timer);
      socket.destroy();
      reject(Object.assign(new Error(`${path}: ${message}`), { code: codes[code] ?? code }));
    };
    const timer = setTimeout(
      () => fail('ETIMEDOUT', `no connection within ${deadlineSeconds} s`),
      deadlineSeconds * 1000,
    );
    const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? 'ECONNREFUSED', error.message);
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      // Whoever uses it hears of the end by 'close'; an error nobody listens for would end the agent.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
