import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Push } from '../../../lib/model/index.ts';
import { type Cleanup, freePort } from './temporary.ts';

export interface RecordedPush {
  readonly push: Push;
  readonly gzip: boolean;
  /** Of the hub; null when it went away before it answered. */
  status: number | null;
}

export interface RecordingProxy {
  readonly url: string;
  /** Every push that an agent sent, in the order of arrival, answered or not. */
  readonly pushes: readonly RecordedPush[];
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Stands between agents and a hub and keeps a copy of what they push. A hub that is away is away for them too. */
export async function startRecordingProxy(cleanup: Cleanup, hubUrl: string): Promise<RecordingProxy> {
  const pushes: RecordedPush[] = [];
  const forward = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(incoming);
    let recorded: RecordedPush | null = null;
    if (incoming.url === '/api/v1/push') {
      const gzip = incoming.headers['content-encoding'] === 'gzip';
      recorded = {
        push: JSON.parse((gzip ? gunzipSync(body) : body).toString()) as Push,
        gzip,
        status: null,
      };
      pushes.push(recorded);
    }
    const { method, headers } = incoming;
    const outgoing = request(`${hubUrl}${incoming.url}`, { method, headers, agent: false }, (answer) => {
      if (recorded !== null) recorded.status = answer.statusCode ?? null;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    outgoing.end(body);
  };
  const server = createServer((incoming, response) => {
    forward(incoming, response).catch(() => response.destroy());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  cleanup.add(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}`, pushes };
}
