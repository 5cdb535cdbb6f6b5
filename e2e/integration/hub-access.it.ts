import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restRoutes } from '../../lib/hub/rest/routes.ts';
import type { HostSummary, Page } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { type Role, roles } from '../../lib/state/state-store.ts';
import { type Answer, enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { Cleanup, eventually, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const name = 'watched';
const id = hostId(name);
let hub: TestHub;
let agent: string;
let tokens: Record<Role | 'scrape', string>;

async function pushHost(): Promise<void> {
  const at = new Date().toISOString();
  const push = pushFixture({
    host: { id, hostname: name, labels: { group: 'lab' } },
    sentAt: at,
    reports: [reportFixture({ takenAt: at, sequence: Math.floor(Date.now() / 1000) })],
  });
  expect((await pushOnce(hub.url, push, { credential: agent })).status).toBe(202);
}

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  agent = await enroll(hub.url, await hub.enrollmentToken(), name);
  const [viewer, operator, admin, scrape] = await Promise.all([
    hub.apiToken('viewer'),
    hub.apiToken('operator'),
    hub.apiToken('admin'),
    hub.scrapeToken(),
  ]);
  tokens = { viewer, operator, admin, scrape };
  await pushHost();
});

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  send(`${hub.url}${path}`, { method, headers });

/** Paths of things that this hub has none of, with what they need to be asked. */
const ofNone: Record<string, string> = {
  '/api/v1/hosts/{id}/owner': '?key=unit%3Anone.service',
  '/api/v1/containers/{id}/compat': `?host=${id}`,
  '/api/v1/ssh-hosts/{id}': '',
};
const queries: Record<string, string> = {
  ...ofNone,
  '/api/v1/errors': '?text=803',
  '/api/v1/query_range': '?metric=gpu_power_watts&select=host%3Dwatched&from=1&to=100',
};
const addressOf = (path: string): string =>
  path
    .replace('/errors/{id}', '/errors/cuda-803')
    .replace('{id}', id)
    .replace('{uuid}', gpuFixture(0).uuid ?? '') + (queries[path] ?? '');
const routes = restRoutes.map(({ method, path, role }) => ({ method, path, role }));

describe.each(routes)('$method $path', ({ method, path, role }) => {
  test.each([
    ['nobody', {}],
    ['a made-up token', bearer(`gft_${'A'.repeat(43)}`)],
    ['a made-up session', { cookie: `gpufleet_session=gfs_${'A'.repeat(43)}` }],
    ['a token beside a header that is none', { authorization: 'Basic Zm9vOmJhcg==' }],
  ])('refuses %s with 401 and tells nothing', async (_, headers) => {
    const answer = await ask(method, addressOf(path), headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toContain(name);
  });

  test('refuses an agent’s credential and a scrape token with 403', async () => {
    for (const secret of [agent, tokens.scrape])
      expect((await ask(method, addressOf(path), bearer(secret))).status).toBe(403);
  });

  // Only of those who may is the rest of the request looked at, so an empty one tells who may. Deleting is a test below.
  test(`takes ${role} and above, and no role below`, async () => {
    for (const each of roles) {
      const isAllowed = roles.indexOf(each) >= roles.indexOf(role);
      if (isAllowed && method === 'DELETE') continue;
      const answer = await ask(method, addressOf(path), bearer(tokens[each]));
      // Of a thing that this hub has none of, not found tells as well who may ask.
      const isOfOneOfNone = path.startsWith('/api/v1/alerts/') || path in ofNone;
      const ofOne = isOfOneOfNone ? [200, 404] : [200];
      const allowed =
        method === 'GET'
          ? ofOne
          : [...(path.endsWith('/capture') ? [200] : []), 204, 400, 404, 409, 415, 422];
      expect(isAllowed ? allowed : [403], `${each}: ${answer.body}`).toContain(answer.status);
    }
  });

  test('refuses another method with 405', async () => {
    expect((await ask('PATCH', addressOf(path), bearer(tokens.admin))).status).toBe(405);
  });
});

describe('plain routes', () => {
  test.each([
    ['POST', '/api/v1/push'],
    ['POST', '/api/v1/enroll'],
    ['GET', '/api/v1/stream?topics=fleet'],
    ['POST', '/logout'],
    ['GET', '/api/v1/nothing-here'],
  ])('%s %s refuses a stranger', async (method, path) => {
    const answer = await ask(method, path, { 'content-type': 'application/json' });
    expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({
      status: 401,
      type: 'application/problem+json',
    });
  });

  test('/metrics is for this machine’s own Prometheus and for tokens, not for a page under another name', async () => {
    for (const path of ['/metrics', '/metrics/hub']) {
      expect((await ask('GET', path)).status).toBe(200);
      expect((await ask('GET', path, { host: 'rebound.example' })).status).toBe(401);
      expect((await ask('GET', path, { host: 'rebound.example', ...bearer(tokens.scrape) })).status).toBe(
        200,
      );
      expect((await ask('GET', path, bearer(`gfm_${'A'.repeat(43)}`))).status).toBe(401);
      expect((await ask('GET', path, bearer(agent))).status).toBe(403);
    }
    expect((await ask('GET', '/metrics?dialect=klingon')).status).toBe(400);
  });

  test('/healthz, /readyz and what an installer needs are open, and hold no secret', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await ask('GET', path)).status).toBe(200);
    expect((await ask('GET', '/agent/../../package.json')).status).toBe(303);
    for (const path of ['/agent/%2e%2e%2fpackage.json', '/agent/..%2f..%2fpackage.json', '/agent/ca-key.pem'])
      expect((await ask('GET', path)).status).toBe(404);
  });

  test('a page sends a stranger to the login, and a change of a stranger is refused', async () => {
    for (const path of ['/', '/hosts', `/hosts/${id}`, '/hosts/add', '/no-such-page']) {
      const answer = await ask('GET', path);
      expect({ status: answer.status, location: answer.headers['location'] }).toEqual({
        status: 303,
        location: path === '/' ? '/login' : `/login?from=${encodeURIComponent(path)}`,
      });
      expect((await ask('POST', path)).status).toBe(401);
    }
  });
});

describe('what no browser sends', () => {
  test('methods and hosts that are none are refused, and are no fault of the hub', async () => {
    for (const secret of [{}, bearer(tokens.viewer)] as Record<string, string>[]) {
      for (const path of ['/api/v1/hosts', '/api/v1/nope', '/', '/healthz']) {
        expect((await ask('TRACE', path, secret)).status).toBe(405);
        expect((await ask('GET', path, { host: 'a b', ...secret })).status).toBe(400);
      }
    }
    expect(hub.output).not.toMatch(/TypeError|\n\s+at /);
  });

  test('streams behind a stream on one connection leave no viewer behind', async () => {
    const viewers = async () =>
      Number(/^gpufleet_hub_stream_viewers (\d+)$/m.exec(await hub.getText('/metrics/hub'))?.[1]);
    const head = `GET /api/v1/stream?topics=fleet HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.viewer}\r\n\r\n`;
    const socket = connect(hub.port, '127.0.0.1');
    socket.on('error', () => undefined).write(head.repeat(30));
    await eventually(async () => (await viewers()) === 1, { what: 'the first of the streams' });
    await sleep(0.5);
    expect(await viewers()).toBe(1);
    socket.destroy();
    await eventually(async () => (await viewers()) === 0, { seconds: 5, what: 'the stream to be left' });
  });
});

describe('signing in', () => {
  const own = () => ({ origin: hub.url });
  const pathOf = (link: string) => new URL(link).pathname;
  const cookieOf = (answer: Answer): string => String(answer.headers['set-cookie']).split(';')[0] ?? '';

  test('a link works once, by the button only, and only from the hub’s own page', async () => {
    const path = pathOf(await hub.loginLink());
    const page = await ask('GET', path);
    expect({ status: page.status, cookie: page.headers['set-cookie'] }).toEqual({
      status: 200,
      cookie: undefined,
    });
    expect((await ask('POST', path)).status).toBe(403);
    expect((await ask('POST', path, { origin: 'https://evil.example' })).status).toBe(403);
    const signedIn = await ask('POST', path, own());
    expect({ status: signedIn.status, location: signedIn.headers['location'] }).toEqual({
      status: 303,
      location: '/',
    });
    expect(String(signedIn.headers['set-cookie'])).toMatch(/HttpOnly.*SameSite=Lax/);
    expect((await ask('GET', '/api/v1/hosts', { cookie: cookieOf(signedIn) })).status).toBe(200);
    expect((await ask('POST', path, own())).status).toBe(401);
  });

  test('a session’s change must come from the hub’s own pages, and ends with the session', async () => {
    const cookie = cookieOf(await ask('POST', pathOf(await hub.loginLink()), own()));
    const remove = `/api/v1/hosts/${hostId('nobody')}`;
    expect((await ask('DELETE', remove, { cookie })).status).toBe(403);
    expect((await ask('DELETE', remove, { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('DELETE', remove, { cookie, 'sec-fetch-site': 'cross-site', ...own() })).status).toBe(
      403,
    );
    expect((await ask('DELETE', remove, { cookie, ...own() })).status).toBe(404);
    expect((await ask('POST', '/logout', { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('POST', '/logout', { cookie, ...own() })).status).toBe(303);
    expect((await ask('GET', '/api/v1/hosts', { cookie })).status).toBe(401);
  });

  test('guessing links is slowed down, and a good one waits too', async () => {
    const bad = `/login/gfl_${'B'.repeat(43)}`;
    const statuses = [];
    for (let i = 0; i < 14; i += 1) statuses.push((await ask('POST', bad, own())).status);
    expect(statuses.slice(0, 8)).toEqual(Array(8).fill(401));
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('enrolment', () => {
  const tryEnroll = (secret: string, host: object) =>
    send(`${hub.url}/api/v1/enroll`, {
      headers: { ...bearer(secret), 'content-type': 'application/json' },
      body: JSON.stringify({ host }),
    });

  test('a host id that reports is not given to a second agent until it is released', async () => {
    const token = await hub.enrollmentToken();
    const host = { id, hostname: 'clone', labels: {} };
    const refused = await tryEnroll(token, host);
    expect(refused.status).toBe(409);
    expect(refused.body).toContain(`gpufleet hub host release ${id}`);
    await hub.command('host', 'release', id);
    const push = pushFixture({ host: { id, hostname: name, labels: {} } });
    expect((await pushOnce(hub.url, push, { credential: agent })).status).toBe(401);
    const taken = await tryEnroll(token, host);
    expect(taken.status).toBe(201);
    agent = (JSON.parse(taken.body) as { credential: string }).credential;
    await pushHost();
  });

  test('removing a host needs an administrator, and takes its credential', async () => {
    expect((await ask('DELETE', `/api/v1/hosts/${id}`, bearer(tokens.viewer))).status).toBe(403);
    expect((await hub.getJson<Page<HostSummary>>('/api/v1/hosts')).total).toBe(1);
    expect((await ask('DELETE', `/api/v1/hosts/${id}`, bearer(tokens.admin))).status).toBe(204);
    expect((await hub.getJson<Page<HostSummary>>('/api/v1/hosts')).total).toBe(0);
    expect((await pushOnce(hub.url, pushFixture(), { credential: agent })).status).toBe(401);
  });

  test('other secrets and bad fields are refused, and guessing is slowed down', async () => {
    const host = { id: hostId('x'), hostname: 'x', labels: {} };
    expect((await tryEnroll(tokens.admin, host)).status).toBe(401);
    const token = await hub.enrollmentToken();
    expect((await tryEnroll(token, { id: '../x', hostname: '', labels: 3 })).status).toBe(422);
    const statuses = [];
    for (let i = 0; i < 14; i += 1) statuses.push((await tryEnroll(`gfe_${'C'.repeat(43)}`, host)).status);
    expect(statuses.at(-1)).toBe(429);
  });
});
