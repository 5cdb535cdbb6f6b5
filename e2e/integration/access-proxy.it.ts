import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, send } from './support/pusher.ts';
import { Cleanup } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const proxy = '127.0.0.2';
const secondProxy = '127.0.0.3';
const elsewhere = '127.0.0.9';
let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub(cleanup, {
    options: [
      ['--behind-proxy', '--trusted-proxies', `${proxy}/31`],
      ['--proxy-user-header', 'X-Remote-User', '--proxy-groups-header', 'X-Remote-Groups'],
      ['--admin-group', 'gpu-admins', '--viewer-group', 'staff'],
    ].flat(),
  });
});

type Headers = Record<string, string | string[]>;
const ask = (path: string, headers: Headers = {}, from = proxy, method = 'GET'): Promise<Answer> =>
  send(`${hub.url}${path}`, { method, headers, from });
const person = (name: string, groups = 'staff'): Headers => ({
  'x-remote-user': Buffer.from(name).toString('latin1'),
  'x-remote-groups': groups,
});
const own = () => ({ origin: hub.url });

describe('a person whom a proxy names', () => {
  test('is let in from the trusted proxy, as pages, API and stream see them', async () => {
    expect((await ask('/api/v1/hosts', person('alice'))).status).toBe(200);
    expect((await ask('/', person('alice'))).status).not.toBe(303);
    const stream = await ask('/api/v1/stream?topics=nothing', person('alice'));
    expect([stream.status, stream.body]).toEqual([400, expect.stringContaining('topics')]);
  });

  test('is nobody from any other peer, whatever the headers say', async () => {
    for (const from of [elsewhere, '127.0.0.1']) {
      const claims = {
        ...person('alice', 'gpu-admins'),
        'x-forwarded-for': proxy,
        forwarded: `for=${proxy}`,
      };
      expect((await ask('/api/v1/hosts', claims, from)).status).toBe(401);
      expect((await ask('/', claims, from)).headers['location']).toBe('/login');
      expect((await ask('/api/v1/stream?topics=fleet', claims, from)).status).toBe(401);
    }
  });

  test('cannot be made up with the headers that the hub writes for itself', async () => {
    const forged = encodeURIComponent(JSON.stringify({ name: 'eve', groups: ['gpu-admins'] }));
    for (const from of [proxy, elsewhere])
      expect((await ask('/api/v1/hosts', { 'x-gpufleet-proxied': forged }, from)).status).toBe(401);
  });

  test('gets the role of their groups, and loses it with them', async () => {
    const remove = '/api/v1/hosts/00000000-0000-4000-8000-000000000000';
    const status = async (groups: string) =>
      (await ask(remove, { ...person('bob', groups), ...own() }, proxy, 'DELETE')).status;
    expect(await status('staff')).toBe(403);
    expect(await status('staff, gpu-admins')).toBe(404);
    expect(await status('staff')).toBe(403);
    expect(await status('staff, gpu-admins')).toBe(404);
    expect(await status('visitors')).toBe(401);
    expect(await status('')).toBe(401);
  });

  test('leaves no open invitation behind when they may not invite any more', async () => {
    const invitations = async () =>
      JSON.parse((await ask('/api/v1/invitations', person('carol', 'gpu-admins'))).body) as {
        items: unknown[];
      };
    const invited = await send(`${hub.url}/api/v1/invitations`, {
      method: 'POST',
      headers: { ...person('eve', 'gpu-admins'), ...own(), 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'admin' }),
      from: proxy,
    });
    expect(invited.status).toBe(200);
    expect((await invitations()).items).toHaveLength(1);
    expect((await ask('/api/v1/hosts', person('eve'))).status).toBe(200);
    expect((await invitations()).items).toEqual([]);
  });

  test('must come from the hub’s own pages to change something, as with a session', async () => {
    const path = '/api/v1/hosts/00000000-0000-4000-8000-000000000000';
    const admin = person('carol', 'gpu-admins');
    expect((await ask(path, admin, proxy, 'DELETE')).status).toBe(403);
    const evil = { ...admin, origin: 'https://evil.example' };
    expect((await ask(path, evil, proxy, 'DELETE')).status).toBe(403);
  });

  test('is nobody when the header came twice, is empty, too long, or no text', async () => {
    const groups = 'staff';
    for (const name of [['alice', 'bob'], '', ' ', 'a'.repeat(201), '\xff\xfe'])
      expect(
        (await ask('/api/v1/hosts', { 'x-remote-user': name, 'x-remote-groups': groups })).status,
        String(name),
      ).toBe(401);
    expect((await ask('/api/v1/hosts', person('Zoë Čapek'))).status).toBe(200);
  });

  test('two first requests at once make one user, and a local user of that name stays who they are', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('/api/v1/hosts', person('admin'))));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const path = new URL(await hub.loginLink()).pathname;
    const local = await ask(path, own(), proxy, 'POST');
    expect(local.status).toBe(303);
    // The proxied one is a viewer, and the link's is the hub's own administrator.
    const cookie = String(local.headers['set-cookie']).split(';')[0] ?? '';
    const remove = '/api/v1/hosts/00000000-0000-4000-8000-000000000000';
    expect((await ask(remove, { cookie, ...own() }, elsewhere, 'DELETE')).status).toBe(404);
    const both = { cookie, ...own(), ...person('admin') };
    expect((await ask(remove, both, proxy, 'DELETE')).status).toBe(403);
  });

  test('a token beside the header decides, and a bad one lets nobody in', async () => {
    const token = await hub.apiToken('viewer');
    const bearer = (secret: string) => ({
      authorization: `Bearer ${secret}`,
      ...person('carol', 'gpu-admins'),
    });
    expect((await ask('/api/v1/hosts', bearer(token))).status).toBe(200);
    expect((await ask('/api/v1/hosts', bearer(`gft_${'A'.repeat(43)}`))).status).toBe(401);
  });
});

describe('what a proxy forwards', () => {
  const guess = async (forwarded: string, from: string): Promise<number> =>
    (await ask(`/login/gfl_${'B'.repeat(43)}`, { 'x-forwarded-for': forwarded, ...own() }, from, 'POST'))
      .status;

  test('names the client for limits: each client has its own, behind two proxies too', async () => {
    for (let i = 0; i < 12; i += 1) await guess(`9.9.9.9, 198.51.100.7, ${secondProxy}`, proxy);
    expect(await guess('8.8.8.8, 198.51.100.7', secondProxy)).toBe(429);
    expect(await guess('198.51.100.8', proxy)).toBe(401);
    expect(await guess('198.51.100.7:4711', proxy)).toBe(429);
  });

  test('is nothing from elsewhere: a made-up address escapes no limit', async () => {
    const statuses = [];
    for (let i = 0; i < 14; i += 1) statuses.push(await guess(`203.0.113.${i}`, elsewhere));
    expect(statuses.at(-1)).toBe(429);
    expect(hub.output).toContain(`a request from ${elsewhere} has forwarded headers`);
  });

  test('says that the browser’s connection is encrypted, and under which name', async () => {
    const signIn = async (from: string, more: Headers) => {
      const path = new URL(await hub.loginLink()).pathname;
      return ask(
        path,
        { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'gpus.example', ...more },
        from,
        'POST',
      );
    };
    const trusted = await signIn(proxy, { origin: 'https://gpus.example' });
    expect([trusted.status, String(trusted.headers['set-cookie'])]).toEqual([
      303,
      expect.stringContaining('; Secure'),
    ]);
    expect((await signIn('127.0.0.1', { origin: 'https://gpus.example' })).status).toBe(403);
    const plain = await signIn('127.0.0.1', own());
    expect(String(plain.headers['set-cookie'])).not.toContain('Secure');
  });
});
