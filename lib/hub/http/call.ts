import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../../config/parsers.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { identify } from '../operations/identify.ts';

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
  identify(context, {
    cookie: headerOf(request, 'cookie'),
    authorization: headerOf(request, 'authorization'),
  });

/** Address of the client; behind a proxy, the one that the proxy itself saw. */
export function peerOf({ context, request }: Pick<Call, 'context' | 'request'>): string {
  const forwarded = context.config.behindProxy ? headerOf(request, 'x-forwarded-for') : null;
  const last = forwarded?.split(',').at(-1)?.trim();
  return last || (request.socket.remoteAddress ?? 'unknown');
}

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
export function isSecure({ context, request }: Pick<Call, 'context' | 'request'>): boolean {
  if (context.address?.scheme === 'https') return true;
  return context.config.behindProxy && headerOf(request, 'x-forwarded-proto') === 'https';
}
