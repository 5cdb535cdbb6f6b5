import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Cleanup, freePort } from './temporary.ts';

/** A way to a port of this machine that can be cut. */
export async function startCutLink(cleanup: Cleanup, to: number): Promise<{ port: number; cut(): number }> {
  const sockets = new Set<Socket>();
  const link: Server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: to });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => link.listen(port, '127.0.0.1', resolve));
  const cut = (): number => {
    const pairs = sockets.size / 2;
    // A reset, as when a firewall forgets the connection.
    for (const socket of sockets) socket.resetAndDestroy();
    return pairs;
  };
  cleanup.add(() => {
    cut();
    link.close();
  });
  return { port, cut };
}
