import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Alert, noChannelOptions } from '../../../model/index.ts';
import { postHttp, readRetryAfter } from '../http.ts';
import { webhook } from './index.ts';
import { webhookHeaders } from './sign.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function receiver(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hush`;
}

const message = { id: 'ntc_1', body: '{"a":1}', sentAtSeconds: 1_795_435_200.9 };
const send = (url: string, signal = new AbortController().signal) =>
  webhook.send({ url, secret: null, options: noChannelOptions }, message, signal);

describe('what an answer means', () => {
  test.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('%i: %s', async (status, outcome) => {
    const url = await receiver((_, response) => response.writeHead(status, { location: '/x' }).end());
    expect(await send(url)).toMatchObject({ outcome });
  });

  test('what the receiver says of a fault is told, a line of it and no more', async () => {
    const url = await receiver((_, response) =>
      response.writeHead(400).end(`no\n\u0007such token${'x'.repeat(100_000)}`),
    );
    const { detail } = await send(url);
    expect(detail).toMatch(/^it answered 400: no such token/);
    expect(detail.length).toBeLessThan(300);
  });

  test('an answer that repeats what it was asked for shows no secret', async () => {
    const url = await receiver((request, response) =>
      response.writeHead(404).end(`Cannot POST ${request.url} with ${request.headers.authorization}`),
    );
    const secretUrl = url.replace('/hook', '/services/T00000000/verysecret-1');
    expect((await send(secretUrl)).detail).toBe('it answered 404: Cannot POST /… with undefined');
    const posted = await postHttp(
      { url: secretUrl, headers: { authorization: 'Bearer tk_verysecret' }, body: '{}' },
      new AbortController().signal,
    );
    expect(posted.detail).toBe('it answered 404: Cannot POST /… with Bearer …');
  });

  test('a redirect is not followed', async () => {
    let asked = 0;
    const other = await receiver((_, response) => {
      asked += 1;
      response.end();
    });
    const url = await receiver((_, response) => response.writeHead(307, { location: other }).end());
    expect((await send(url)).outcome).toBe('refused');
    expect(asked).toBe(0);
  });

  test('who cannot be reached is told why, without the address', async () => {
    const url = await receiver((request) => request.socket.destroy());
    expect(await send(url)).toMatchObject({ outcome: 'retry', detail: expect.stringMatching(/closed/) });
    for (const each of ['http://nowhere.invalid/?key=hush', 'http://127.0.0.1:1/?key=hush']) {
      const { outcome, detail } = await send(each);
      expect(outcome).toBe('retry');
      expect(detail).toMatch(/^it cannot be reached: /);
      expect(detail).not.toContain('hush');
    }
  });

  test('a hub that stops does not wait for an answer', async () => {
    const url = await receiver(() => undefined);
    const stop = new AbortController();
    const sending = send(url, stop.signal);
    stop.abort();
    expect((await sending).outcome).toBe('retry');
  });
});

test.each([
  [null, null],
  ['', null],
  ['soon', null],
  ['120', 120],
  ['999999', 3600],
  ['Tue, 24 Nov 2026 12:00:30 GMT', 30],
  ['Tue, 24 Nov 2020 12:00:00 GMT', 0],
])('Retry-After %s: %s', (header, expected) => {
  const now = Date.parse('2026-11-24T12:00:00.000Z');
  expect(readRetryAfter(header, now)).toBe(expected);
});

test('the signature is the one of Standard Webhooks', () => {
  // The example of the specification's own libraries.
  const known = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    sentAtSeconds: 1_614_265_330,
  };
  expect(webhookHeaders(known, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toMatchObject({
    'webhook-id': known.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  expect(webhookHeaders(known, null)).not.toHaveProperty('webhook-signature');
  expect(webhookHeaders(known, 'plain words')['webhook-signature']).toMatch(/^v1,/);
});

describe('the payload', () => {
  const alert = (id: string): Alert => ({
    id,
    rule: 'host-gone',
    severity: 'critical',
    cause: 'Host gone',
    what: `${id} stopped reporting`,
    hosts: [{ id, hostname: id }],
    since: '2026-11-24T12:00:00.000Z',
    whyItMatters: 'why',
    whatToDo: 'what',
    href: '/hosts/x',
    phase: 'resolved',
    firedAt: '2026-11-24T12:01:00.000Z',
    resolvedAt: '2026-11-24T12:09:00.000Z',
    resolution: 'the host reports again',
    acknowledged: null,
    quiet: null,
  });
  const compose = (event: 'firing' | 'resolved' | 'test', alerts: readonly Alert[]) =>
    JSON.parse(
      webhook.compose(
        {
          id: 'ntc_1',
          event,
          cause: 'Host gone',
          createdAt: '2026-11-24T12:01:00.000Z',
          hub: { url: 'https://hub.example', version: '1' },
          alerts,
          begun: [],
        },
        noChannelOptions,
      ),
    );

  test('a notice that waited tells what it was made for', () => {
    const firing = compose('firing', [alert('a')]);
    expect(firing).toMatchObject({ version: 1, event: 'firing', text: '[firing] a stopped reporting' });
    expect(firing.alerts[0]).toMatchObject({ resolvedAt: null, url: 'https://hub.example/alerts/a' });
    expect(compose('resolved', [alert('a'), alert('b')]).text).toBe(
      '[resolved] a stopped reporting and 1 more (the host reports again)',
    );
    expect(compose('test', []).text).toBe('[test] Host gone');
  });

  test('many alerts are cut, and it says how many', () => {
    const payload = compose(
      'firing',
      Array.from({ length: 130 }, (_, index) => alert(`h${index}`)),
    );
    expect([payload.alerts.length, payload.alertsLeftOut]).toEqual([100, 30]);
  });
});
