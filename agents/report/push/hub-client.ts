import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { fetchPinnedAuthority } from './authority.ts';

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
  /** Resolves with whatever status; rejects with one line for a person when there was no answer in time. */
  post(request: HubRequest): Promise<HubAnswer>;
  /** A file that the hub gives to everyone; rejects with one line for any answer but 200, and past `maxBytes`. */
  getFile(path: string, maxBytes: number): Promise<Buffer>;
  /** Ends requests under way. */
  close(): void;
}

type TlsTrust = Pick<ConnectionOptions, 'ca' | 'checkServerIdentity'>;

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

/** Where requests go, and the path that each begins with: found out once. */
function addressOf({ protocol, hostname, port, pathname }: URL) {
  const host = hostname.replace(/^\[|\]$/g, '');
  return { protocol, hostname: host, path: pathname.replace(/\/$/, ''), ...(port === '' ? {} : { port }) };
}

export function createHubClient(url: string, trust: HubTrust, deadlineSeconds = 10): HubClient {
  const hub = new URL(url);
  const isTls = hub.protocol === 'https:';
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 2 });
  const running = new Set<ClientRequest>();
  let authority = trust.kind === 'authority' ? trust.pem : null;
  let closed = false;

  const address = addressOf(hub);
  const requestOptions = ({ method, path, headers }: Exchange): RequestOptions & TlsTrust => ({
    ...address,
    path: `${address.path}${path}`,
    agent,
    method,
    headers,
    ...(authority === null ? {} : { ca: authority }),
    // The hub's own authority signs that hub alone, so the name under which it is reached adds nothing.
    ...(trust.kind === 'fingerprint' ? { checkServerIdentity: () => undefined } : {}),
  });
  const send = (wanted: Exchange): Promise<Received> =>
    new Promise((resolve, reject) => {
      const asked = (isTls ? httpsRequest : httpRequest)(requestOptions(wanted));
      running.add(asked);
      const late = () => asked.destroy(new Error(`no answer within ${wanted.seconds} s`));
      const timer = setTimeout(late, wanted.seconds * 1000);
      const finish = (work: () => void): void => {
        clearTimeout(timer);
        running.delete(asked);
        work();
      };
      asked.on('error', (error) =>
        finish(() => reject(Object.assign(error, { wasReused: asked.reusedSocket }))),
      );
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= wanted.maxBytes) chunks.push(chunk);
          else asked.destroy(new Error('its answer is too long'));
        });
        response.on('error', (error) => finish(() => reject(error)));
        response.on('end', () =>
          finish(() =>
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers['content-type'],
              retryAfter: response.headers['retry-after'],
              bytes: Buffer.concat(chunks),
            }),
          ),
        );
      });
      asked.end(wanted.body ?? undefined);
    });
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
      if (trust.kind === 'fingerprint') authority = null;
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
      for (const asked of running) asked.destroy(new Error('the agent is stopping'));
      agent.destroy();
    },
  };
}
