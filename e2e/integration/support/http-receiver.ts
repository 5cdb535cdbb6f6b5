import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from './temporary.ts';

export interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: what each kind of receiver gets is asserted field by field
  readonly body: any;
}

/** `ok`, a status, an answer that never comes, or one that is cut in its middle. */
export type Manner = 'ok' | 'hang' | 'half-way' | number;

export interface HttpReceiver {
  readonly url: string;
  readonly requests: readonly Request[];
  /** How the next requests are answered; `usual` once they are used up. */
  manners: Manner[];
  usual: Manner;
}

function answer(response: ServerResponse, manner: Manner): void {
  if (manner === 'hang') return;
  if (manner === 'half-way') {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    setTimeout(() => response.destroy(), 20);
    return;
  }
  response.writeHead(manner === 'ok' ? 202 : manner, { 'content-type': 'application/json' }).end('{}');
}

/** A real HTTP server for any JSON, at a free port, with the manners that receivers have. */
export async function startHttpReceiver(cleanup: Cleanup): Promise<HttpReceiver> {
  const requests: Request[] = [];
  const receiver: HttpReceiver = { url: '', requests, manners: [], usual: 'ok' };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null');
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response, receiver.manners.shift() ?? receiver.usual);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
