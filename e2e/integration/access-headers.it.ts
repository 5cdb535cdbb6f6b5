import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, enroll, send } from './support/pusher.ts';
import { Cleanup } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let viewer: Record<string, string>;
let agent: Record<string, string>;
let staticFile: string;

const ask = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> => send(`${hub.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });

beforeAll(async () => {
  hub = await startTestHub(cleanup, { withPages: true });
  viewer = { authorization: `Bearer ${await hub.apiToken('viewer')}` };
  agent = { authorization: `Bearer ${await enroll(hub.url, await hub.enrollmentToken(), 'headers')}` };
  const page = await ask('GET', '/login');
  staticFile = /\/_next\/static\/[^"]+\.js/.exec(page.body)?.[0] ?? '';
});

function expectHeaders({ headers }: Pick<Answer, 'headers'>): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
    'x-frame-options': 'DENY',
    'permissions-policy': expect.stringContaining('camera=()'),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': expect.stringMatching(/^default-src '(self|none)';.*frame-ancestors 'none'/),
  });
  expect(headers['x-powered-by']).toBeUndefined();
}

const json = { 'content-type': 'application/json' };

describe('every kind of answer has the security headers', () => {
  test.each<[number, string, string, () => Record<string, string>, string?]>([
    [200, 'GET', '/login', () => ({})],
    [200, 'GET', '/hosts', () => viewer],
    [404, 'GET', '/nowhere', () => viewer],
    [404, 'GET', '/gpus/none', () => viewer],
    [200, 'GET', '/icon.svg', () => ({})],
    [303, 'GET', '/hosts', () => ({})],
    [401, 'POST', '/hosts', () => ({})],
    [200, 'GET', '/api/v1/hosts', () => viewer],
    [200, 'HEAD', '/api/v1/hosts', () => viewer],
    [401, 'GET', '/api/v1/hosts', () => ({})],
    [404, 'GET', '/api/v1/hosts/none', () => viewer],
    [404, 'GET', '/api/v1/nothing', () => viewer],
    [400, 'GET', '/api/v1/hosts?colour=red', () => viewer],
    [405, 'PATCH', '/api/v1/hosts', () => viewer],
    [400, 'GET', '/healthz', () => ({ host: 'a b' })],
    [404, 'GET', '/login/gfl_none', () => ({})],
    [404, 'GET', '/login/oidc', () => ({})],
    [403, 'POST', '/login/gfl_none', () => ({})],
    [200, 'GET', '/metrics', () => ({ 'accept-encoding': 'gzip' })],
    [200, 'GET', '/healthz', () => ({ expect: 'miracles' })],
    [200, 'GET', '/readyz', () => ({})],
    [200, 'GET', '/install.sh', () => ({})],
    [200, 'GET', '/agent/gpufleet-agent.mjs', () => ({})],
    [404, 'GET', '/agent/none', () => ({})],
    [401, 'POST', '/api/v1/push', () => json, '{}'],
    [415, 'POST', '/api/v1/push', () => agent, '{}'],
    [413, 'POST', '/api/v1/push', () => ({ ...agent, ...json, 'content-length': '99999999' })],
    [401, 'POST', '/api/v1/enroll', () => json, '{}'],
  ])('%d to %s %s', async (status, method, path, headers, body) => {
    const answer = await ask(method, path, headers(), body);
    expect(answer.status).toBe(status);
    expectHeaders(answer);
  });

  test('a script of the pages', async () => {
    const answer = await ask('GET', staticFile);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('javascript'),
    ]);
    expectHeaders(answer);
  });

  test('429, with the time to wait', async () => {
    let last: Answer | null = null;
    for (let i = 0; i < 20 && last?.status !== 429; i += 1)
      last = await ask(
        'POST',
        '/api/v1/enroll',
        { ...json, authorization: `Bearer gfe_${'C'.repeat(43)}` },
        '{"host":{"id":"00000000-0000-4000-8000-000000000000","hostname":"x","labels":{}}}',
      );
    expect([last?.status, Number(last?.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
    if (last !== null) expectHeaders(last);
  });

  test.each([
    [400, 'no request at all\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`],
    [200, `GET /api/v1/stream?topics=fleet HTTP/1.1\r\nHost: x\r\nAuthorization: TOKEN\r\n\r\n`],
  ])('%d to what comes over a bare socket', async (status, text) => {
    const raw = await new Promise<string>((resolve, reject) => {
      const socket = connect(hub.port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        if (received.includes('\r\n\r\n')) {
          resolve(received);
          socket.destroy();
        }
      });
      socket.on('error', reject).write(text.replace('TOKEN', viewer['authorization'] ?? ''));
    });
    const [head = '', ...lines] = raw.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const pairs = lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]);
    expectHeaders({ headers: Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])) });
  });
});
