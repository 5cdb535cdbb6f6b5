import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Hub } from '../hub.ts';

/** Lets the hub answer a REST request itself, as a route of Next would: for when the pages are not there (yet). */
export async function answerWithoutPages(
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  // Routes look at the path alone; the Host header is whatever a stranger sent.
  const url = new URL(`http://hub${request.url ?? '/'}`);
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  // The web's streams and Node's are one at run time; their types differ in shared memory.
  const body = hasBody ? { body: Readable.toWeb(request) as unknown as BodyInit, duplex: 'half' } : {};
  const answer = await hub.answer(new Request(url, { method, headers, ...body } as RequestInit));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null || request.method === 'HEAD') response.end();
  else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
}
