import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { startDeadline } from '../../deadline.ts';
import { exchange as exchangeOn, requestBytes } from '../../http/exchange.ts';
import { fetchPinnedAuthority } from './authority.ts';
import { createConnections } from './connections.ts';

/** How the hub's certificate is checked: by the system's authorities, by a file of them, or by one pinned. */
export type HubTrust =
  | { readonly kind: 'system' }
  | { readonly kind: 'authority'; readonly pem: string }
  | { readonly kind: 'fingerprint'; readonly sha256: string };

export interface HubAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

export interface HubRequest {
  readonly path: string;
  readonly bearer: string;
  readonly body: Buffer;
  readonly isGzipped: boolean;
  /** JSON unless told. */
  readonly contentType?: string;
}

/** The connection to the hub, kept open between pushes. */
export interface HubClient {
  readonly url: string;
  /** Within one process nothing is gained by packing a push, which the other side would unpack at once. */
  readonly isNear?: boolean;
  /** Resolves with whatever status; rejects with one line for a person when there was no answer in time. */
  post(request: HubRequest): Promise<HubAnswer>;
  /** A file that the hub gives to everyone; rejects with one line for any answer but 200, and past `maxBytes`. */
  getFile(path: string, maxBytes: number): Promise<Buffer>;
  /** Ends requests under way. */
  close(): void;
}

const maxAnswerBytes = 256 * 1024;
/** A file is larger than an answer and may come over a slow line. */
const fileDeadlineSeconds = 120;

interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | null;
  readonly maxBytes: number;
  readonly seconds: number;
}

interface Received extends Omit<HubAnswer, 'body'> {
  readonly bytes: Buffer;
}

export function createHubClient(url: string, trust: HubTrust, deadlineSeconds = 10): HubClient {
  const hub = new URL(url);
  const isTls = hub.protocol === 'https:';
  const prefix = hub.pathname.replace(/\/$/, '');
  const running = new Set<Socket>();
  let authority = trust.kind === 'authority' ? trust.pem : null;
  let closed = false;

  const tlsTrust = (): Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'> => ({
    ...(authority === null ? {} : { ca: authority }),
    // The hub's own authority signs that hub alone, so the name under which it is reached adds nothing.
    ...(trust.kind === 'fingerprint' ? { checkServerIdentity: () => undefined } : {}),
  });
  const connections = createConnections(hub, tlsTrust);
  const send = async (wanted: Exchange): Promise<Received> => {
    const { method, path, headers, body, maxBytes, seconds } = wanted;
    const bytes = requestBytes({
      method,
      path: `${prefix}${path}`,
      headers: { host: hub.host, ...headers },
      body,
    });
    const connection = connections.take();
    const { socket, wasUsed } = connection;
    running.add(socket);
    const deadline = startDeadline(seconds, () => socket.destroy(new Error(`no answer within ${seconds} s`)));
    try {
      const answer = await exchangeOn(socket, bytes, maxBytes);
      if (answer.isReusable && !closed) connections.keep(connection, answer.headers.get('keep-alive'));
      else socket.destroy();
      return {
        status: answer.status,
        contentType: answer.headers.get('content-type'),
        retryAfter: answer.headers.get('retry-after'),
        bytes: answer.body,
      };
    } catch (error) {
      socket.destroy();
      throw Object.assign(error as Error, { wasReused: wasUsed });
    } finally {
      deadline.end();
      running.delete(socket);
    }
  };
  const exchange = async (wanted: Exchange): Promise<Received> => {
    if (closed) throw new Error('the agent is stopping');
    if (trust.kind === 'fingerprint' && isTls) {
      authority ??= await fetchPinnedAuthority(hub, trust.sha256, deadlineSeconds);
    }
    try {
      return await send(wanted);
    } catch (error) {
      // A kept connection that the hub closed at the same moment: nothing was read, so once more on a new one.
      const { wasReused, code } = error as NodeJS.ErrnoException & { wasReused?: boolean };
      if (wasReused === true && (code === 'ECONNRESET' || code === 'EPIPE') && !closed) return send(wanted);
      if (trust.kind === 'fingerprint') {
        authority = null;
        connections.clear();
      }
      throw error;
    }
  };
  return {
    url,
    async post({ path, bearer, body, isGzipped, contentType = 'application/json' }) {
      const headers = {
        authorization: `Bearer ${bearer}`,
        'content-type': contentType,
        'content-length': body.length,
        accept: 'application/json',
        ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
      };
      const limits = { maxBytes: maxAnswerBytes, seconds: deadlineSeconds };
      const { bytes, ...answer } = await exchange({ method: 'POST', path, headers, body, ...limits });
      return { ...answer, body: bytes.toString('utf8') };
    },
    async getFile(path, maxBytes) {
      const limits = { maxBytes, seconds: fileDeadlineSeconds };
      const { status, bytes } = await exchange({ method: 'GET', path, headers: {}, body: null, ...limits });
      if (status !== 200) throw new Error(`the hub answered ${status} to GET ${path}`);
      return bytes;
    },
    close() {
      closed = true;
      for (const socket of running) socket.destroy(new Error('the agent is stopping'));
      connections.clear();
    },
  };
}
