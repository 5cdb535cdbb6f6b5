import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { openEventStream } from './support/event-stream.ts';
import { enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { proxies, startProxy } from './support/reverse-proxy.ts';
import { Cleanup } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

describe.each(proxies)('behind %s, as the example sets it up', (name) => {
  let hub: TestHub;
  let url: string;
  let cookie: string;
  let credential: string;
  const hostname = `behind-${name}`;
  beforeAll(async () => {
    hub = await startTestHub(cleanup, { options: ['--behind-proxy'] });
    url = await startProxy(cleanup, name, hub.port);
    credential = await enroll(url, await hub.enrollmentToken(), hostname);
  });

  const push = (sequence: number) => {
    const at = new Date().toISOString();
    const body = pushFixture({
      host: { id: hostId(hostname), hostname, labels: {} },
      agent: { ...pushFixture().agent, epoch: hostname },
      sentAt: at,
      reports: [reportFixture({ sequence, takenAt: at })],
    });
    return pushOnce(url, body, { credential, gzip: true });
  };

  test('a person signs in over TLS', async () => {
    const { pathname } = new URL(await hub.loginLink());
    const answer = await send(`${url}${pathname}`, { headers: { origin: url } });
    expect(answer.status, answer.body).toBe(303);
    const session = String(answer.headers['set-cookie']);
    expect(session).toMatch(/; Secure/);
    cookie = session.split(';')[0] ?? '';
    expect((await send(`${url}/api/v1/hosts`, { method: 'GET', headers: { cookie } })).status).toBe(200);
  });

  test('a push is taken, and what it changes is on an open stream within 2 s', async () => {
    expect((await push(1)).status).toBe(202);
    const stream = await openEventStream(cleanup, `${url}/api/v1/stream?topics=fleet`, { cookie });
    expect(stream.status).toBe(200);
    await stream.next(({ event }) => event === 'snapshot', { seconds: 2 });
    const from = stream.events.length;
    const [answer] = await Promise.all([
      push(2),
      stream.next(
        ({ event, frame }) => event === 'delta' && JSON.stringify(frame).includes(hostId(hostname)),
        {
          from,
          seconds: 2,
        },
      ),
    ]);
    expect(answer.status).toBe(202);
    stream.close();
  });

  test('a push as large as the hub takes gets through to it', async () => {
    const answer = await send(`${url}/api/v1/push`, {
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: `"${'x'.repeat(4 * 2 ** 20 - 2)}"`,
    });
    expect(answer).toMatchObject({ status: 422, headers: { 'content-type': 'application/problem+json' } });
  });

  test('metrics stay inside', async () => {
    const headers = { authorization: `Bearer ${await hub.scrapeToken()}` };
    for (const path of ['/metrics', '/metrics/hub']) {
      expect((await send(`${url}${path}`, { method: 'GET', headers })).status).toBe(404);
      expect((await send(`${hub.url}${path}`, { method: 'GET', headers })).status).toBe(200);
    }
  });

  test('the hub sees who asks, whatever the client says of itself', async () => {
    const guess = (forged: string) =>
      send(`${url}/login/gfl_${'B'.repeat(43)}`, { headers: { origin: url, 'x-forwarded-for': forged } });
    const statuses = [];
    for (let i = 0; i < 14; i += 1) statuses.push((await guess(`203.0.113.${i}`)).status);
    expect(statuses.at(-1)).toBe(429);
  });
});
