import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../../config/parsers.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { identify } from '../operations/identify.ts';
import { readIsSecure, readPeer } from '../requester.ts';

/** One request to a plain handler. */
export interface Call {
  readonly context: HubContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export type Handler = (call: Call) => Promise<void>;

export const headerOf = (request: IncomingMessage, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
};

export const actorOf = ({ context, request }: Pick<Call, 'context' | 'request'>): Promise<Actor> =>
  identify(context, (name) => headerOf(request, name));

/** Address of the client: its connection's, or what the trusted proxies in front say. */
export const peerOf = ({ request }: Pick<Call, 'request'>): string =>
  readPeer((name) => headerOf(request, name));

/**
 * Whether a program on the hub's own machine asks. The Host header must say so too: a web page that points its own
 * name at 127.0.0.1 comes from loopback as well.
 */
export function isFromThisMachine({ context, request }: Pick<Call, 'context' | 'request'>): boolean {
  if (context.config.behindProxy) return false;
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const host = headerOf(request, 'host') ?? '';
  const name = URL.canParse(`http://${host}`)
    ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')
    : '';
  return isLoopback(address) && isLoopback(name);
}

export function requireMethod({ request, response }: Call, ...methods: readonly string[]): void {
  if (methods.includes(request.method ?? '')) return;
  response.setHeader('allow', methods.join(', '));
  throw new HubError('method-not-allowed', `This takes ${methods.join(' or ')}.`);
}

/** Whether the browser's connection is encrypted, so that its cookie may be marked Secure. */
export const isSecure = ({ request }: Pick<Call, 'request'>): boolean =>
  readIsSecure((name) => headerOf(request, name));
