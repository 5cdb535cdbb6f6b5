import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cleanup } from './temporary.ts';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Notice;
  readonly atMillis: number;
}

/** As docs/webhook.md describes it. */
export interface Notice {
  readonly version: number;
  readonly id: string;
  readonly event: 'firing' | 'resolved' | 'test';
  readonly cause: string;
  readonly text: string;
  readonly url: string;
  readonly hub: { readonly url: string };
  readonly alerts: readonly {
    readonly id: string;
    readonly rule: string;
    readonly what: string;
    readonly hosts: readonly { readonly hostname: string }[];
    readonly since: string;
    readonly resolvedAt: string | null;
    readonly resolution: string | null;
    readonly whyItMatters: string;
    readonly whatToDo: string;
    readonly url: string;
  }[];
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the next requests are answered with; 204 once they are used up. */
  answers: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
}

/** A real HTTP server that takes notices, at a free port. */
export async function startReceiver(cleanup: Cleanup): Promise<Receiver> {
  const received: Received[] = [];
  const receiver: Receiver = { url: '', received, answers: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      received.push({
        headers: request.headers,
        text,
        body: JSON.parse(text) as Notice,
        atMillis: Date.now(),
      });
      const { status, headers = {} } = receiver.answers.shift() ?? { status: 204 };
      response.writeHead(status, headers).end(status === 204 ? undefined : 'not now');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hush`,
  });
}
