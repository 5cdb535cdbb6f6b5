import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHubClient } from './push/hub-client.ts';
import { createCaptureSender } from './send-capture.ts';

interface Sent {
  readonly type: string;
  readonly bytes: number;
  readonly text: string;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Something at the hub's address; `null`: it breaks the connection off. */
async function play(answer: (sent: Sent) => { status: number; type: string; body: string } | null) {
  const seen: Sent[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const type = request.headers['content-type'] ?? '';
    const sent = { type, bytes: body.length, text: type === 'text/plain' ? body.toString() : '' };
    seen.push(sent);
    const told = answer(sent);
    if (told === null) request.socket.destroy();
    else response.writeHead(told.status, { 'content-type': told.type }).end(told.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen };
}

const taken = { status: 204, type: 'text/plain', body: '' };
const archive = Buffer.alloc(3_000_000, 7);
const senderTo = (url: string, take: () => Promise<Buffer>) =>
  createCaptureSender({
    client: createHubClient(url, { kind: 'system' }),
    credentials: { get: async () => ({ credential: 'secret' }) } as never,
    log: () => undefined,
    take,
  });

describe('a capture that was asked for', () => {
  test('is sent once', async () => {
    const { url, seen } = await play(() => taken);
    const sender = senderTo(url, async () => archive);
    sender.want('a');
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    sender.want('a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toEqual([{ type: 'application/gzip', bytes: archive.length, text: '' }]);
  });

  test.each([
    [
      'a proxy says that it is too large',
      { status: 413, type: 'text/html', body: '<h1>413 Request Entity Too Large</h1>' },
      /^a proxy in front of the hub refused 3\.0 MB: 413: .*Too Large/,
    ],
    [
      'the hub itself refuses it',
      {
        status: 409,
        type: 'application/problem+json',
        body: JSON.stringify({
          type: 'urn:gpufleet:problem:conflict',
          title: 'Conflict',
          detail: 'No such capture is wanted',
        }),
      },
      /^the hub answered 409: No such capture is wanted/,
    ],
    ['the connection breaks off', null, /^3\.0 MB did not arrive: /],
  ] as const)('is told about where %s', async (_, refusal, expected) => {
    const { url, seen } = await play(({ type }) => (type === 'text/plain' ? taken : refusal));
    senderTo(url, async () => archive).want('a');
    await vi.waitFor(() => expect(seen.find(({ type }) => type === 'text/plain')?.text).toMatch(expected));
  });

  test('is told about where it cannot be taken', async () => {
    const { url, seen } = await play(() => taken);
    senderTo(url, () => Promise.reject(new Error('nothing to record'))).want('a');
    await vi.waitFor(() => expect(seen[0]?.text).toBe('nothing to record'));
    expect(seen).toHaveLength(1);
  });
});
