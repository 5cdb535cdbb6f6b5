import { connect, isIP, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** A connection that carries one request at a time. */
export interface Connection {
  readonly socket: Socket;
  /** It carried a request before: the other side may be closing it just now. */
  readonly wasUsed: boolean;
}

/** Connections to one place, kept open between requests. */
export interface Connections {
  /** One that is open already, or a new one; what is written to it before it is open is sent then. */
  take(): Connection;
  /** Keeps it for the next request. @param timeout the other side's `Keep-Alive` header */
  keep(connection: Connection, timeout: string | undefined): void;
  /** Closes what is idle. */
  clear(): void;
}

const mostIdle = 2;
const keepAliveMilliseconds = 1000;
/** One that the other side is about to close is not used again. */
const marginSeconds = 1;

/** @param trust how the certificate is checked, asked for each new connection; null: no TLS */
export function createConnections(
  { hostname, port, protocol }: Pick<URL, 'hostname' | 'port' | 'protocol'>,
  trust: () => Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'>,
): Connections {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'https:';
  const place = { host, port: port === '' ? (isTls ? 443 : 80) : Number(port) };
  const idle = new Map<Socket, number>();
  const open = (): Socket => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    // Loaded where it is needed: without it the agent is some mebibytes smaller.
    const socket = isTls
      ? process
          .getBuiltinModule('node:tls')
          .connect({ ...place, ...name, ALPNProtocols: ['http/1.1'], ...trust() })
      : connect(place);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMilliseconds);
    // Whoever uses it hears of an error too; one that nobody listens for would end the agent.
    socket.on('error', () => {});
    socket.once('close', () => idle.delete(socket));
    // Nothing was asked, so what comes is of no use, nor is the rest.
    socket.on('data', () => idle.has(socket) && socket.destroy());
    return socket;
  };
  return {
    take() {
      for (const [socket, untilSeconds] of idle) {
        idle.delete(socket);
        if (socket.destroyed || performance.now() / 1000 > untilSeconds) socket.destroy();
        else return { socket: socket.ref(), wasUsed: true };
      }
      return { socket: open(), wasUsed: false };
    },
    keep({ socket }, timeout) {
      const seconds = Number(/\btimeout=(\d{1,6})/.exec(timeout ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
      if (socket.destroyed || idle.size >= mostIdle || seconds <= marginSeconds) socket.destroy();
      else idle.set(socket.unref(), performance.now() / 1000 + seconds - marginSeconds);
    },
    clear() {
      for (const socket of idle.keys()) socket.destroy();
    },
  };
}
