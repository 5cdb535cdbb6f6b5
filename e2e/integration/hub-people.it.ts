import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditPage, SessionView, TokenView, UserView } from '../../lib/hub/people-views.ts';
import { openEventStream } from './support/event-stream.ts';
import { patience } from './support/patience.ts';
import { ask, byLink, cookieOf, goodPassword, join } from './support/person.ts';
import { runProgram } from './support/programs.ts';
import { type Answer, enroll } from './support/pusher.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let admin: string;
beforeAll(async () => {
  hub = await startTestHub(cleanup);
  admin = await byLink(hub);
});

const read = async <T>(path: string, cookie = admin): Promise<T> => {
  const answer = await ask(hub, 'GET', path, { cookie });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as T;
};
const statusOf = async (cookie: string): Promise<number> =>
  (await ask(hub, 'GET', '/api/v1/hosts', { cookie })).status;
const userNamed = async (name: string): Promise<UserView> => {
  const { items } = await read<{ items: UserView[] }>('/api/v1/users?limit=1000');
  const user = items.find((each) => each.name === name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return user;
};
const invite = async (body: object): Promise<string> => {
  const answer = await ask(hub, 'POST', '/api/v1/invitations', { cookie: admin, body });
  expect(answer.status, answer.body).toBe(200);
  return (JSON.parse(answer.body) as { path: string }).path;
};
const signIn = (name: string, password: string, from?: string): Promise<Answer> =>
  ask(hub, 'POST', '/login', { form: { name, password }, ...(from === undefined ? {} : { from }) });
const streamOf = (cookie: string) =>
  openEventStream(cleanup, `${hub.url}/api/v1/stream?topics=fleet`, { cookie });
const secondsUntil = async (done: Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await done;
  return (performance.now() - started) / 1000;
};
/** The command beside the hub, and what it ended with. */
const command = (...words: string[]) =>
  runProgram([process.execPath, 'bin/gpufleet.js', 'hub', ...words, '--data', hub.dataFolder]);

describe('an invitation', () => {
  test('makes its user once, with its name and role, and signs in', async () => {
    const path = await invite({ name: 'vera', role: 'viewer' });
    const session = cookieOf(
      await ask(hub, 'POST', path, { form: { name: 'root', password: goodPassword } }),
    );
    expect(await read('/api/v1/account', session)).toMatchObject({ name: 'vera', role: 'viewer' });
    expect((await ask(hub, 'DELETE', '/api/v1/hosts/x', { cookie: session })).status).toBe(403);
    const again = await ask(hub, 'POST', path, { form: { name: 'other', password: goodPassword } });
    expect([again.status, again.headers['set-cookie']]).toEqual([404, undefined]);
    expect((await signIn('VERA', goodPassword)).status).toBe(200);
  });

  test('without a name lets one choose, but not one that is taken or no name, nor a short password', async () => {
    const path = await invite({ role: 'operator' });
    const attempt = (name: string, password = goodPassword) =>
      ask(hub, 'POST', path, { form: { name, password } });
    const pointerOf = ({ status, body }: Answer) => [
      status,
      (JSON.parse(body) as { errors: { pointer: string }[] }).errors[0]?.pointer,
    ];
    expect(pointerOf(await attempt('Admin'))).toEqual([409, '/name']);
    expect(pointerOf(await attempt('<script>'))).toEqual([422, '/name']);
    expect(pointerOf(await attempt('oskar', 'elevenchars'))).toEqual([422, '/password']);
    // Two at once: one gets it.
    const both = await Promise.all([attempt('oskar'), attempt('oskar2')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  test('that expired or was withdrawn makes nobody', async () => {
    const expired = await invite({ name: 'late', role: 'admin' });
    const database = new DatabaseSync(`${hub.dataFolder}/state.sqlite`);
    database.exec("UPDATE invitations SET expires_at = '2026-01-01T00:00:00.000Z' WHERE name = 'late'");
    database.close();
    const withdrawn = await invite({ name: 'gone', role: 'admin' });
    const { items } = await read<{ items: { id: string; name: string }[] }>('/api/v1/invitations');
    expect(items.map(({ name }) => name)).toEqual(['gone']);
    const id = items[0]?.id;
    expect((await ask(hub, 'DELETE', `/api/v1/invitations/${id}`, { cookie: admin })).status).toBe(204);
    for (const path of [expired, withdrawn, `/invite/gfi_${'A'.repeat(43)}`])
      expect((await ask(hub, 'POST', path, { form: { password: goodPassword } })).status).toBe(404);
  });

  test('goes with the administrator who made it', async () => {
    const second = await join(hub, admin, { name: 'anna', role: 'admin' });
    const body = { name: 'backdoor', role: 'admin' };
    const made = await ask(hub, 'POST', '/api/v1/invitations', { cookie: second, body });
    const { path } = JSON.parse(made.body) as { path: string };
    const role = `/api/v1/users/${(await userNamed('anna')).id}/role`;
    expect((await ask(hub, 'PUT', role, { cookie: admin, body: { role: 'viewer' } })).status).toBe(204);
    expect((await ask(hub, 'GET', '/api/v1/users', { cookie: second })).status).toBe(403);
    expect((await ask(hub, 'POST', path, { form: { password: goodPassword } })).status).toBe(404);
  });
});

describe('a wrong password', () => {
  test('an unknown name, a disabled user and one without a password say the same and take as long', async () => {
    await join(hub, admin, { name: 'rita', role: 'viewer' });
    await join(hub, admin, { name: 'dora', role: 'viewer' });
    const { id } = await userNamed('dora');
    await ask(hub, 'POST', `/api/v1/users/${id}/disable`, { cookie: admin });
    const attempts = [
      ['rita', 'wrong horse battery'],
      ['nobody', goodPassword],
      ['dora', goodPassword],
      ['admin', ''],
    ] as const;
    const least: number[] = attempts.map(() => Number.POSITIVE_INFINITY);
    const said = new Set<string>();
    for (let round = 0; round < 3; round += 1)
      for (const [at, [name, password]] of attempts.entries()) {
        const started = performance.now();
        const { status, body, headers } = await signIn(name, password, `127.0.1.${round + 1}`);
        least[at] = Math.min(least[at] ?? 0, performance.now() - started);
        said.add(JSON.stringify([status, body, headers['set-cookie'] ?? null]));
      }
    expect([...said]).toHaveLength(1);
    expect([...said][0]).toContain('The name or the password is wrong.');
    expect(Math.max(...least) / Math.min(...least), `took ${least.join(', ')} ms`).toBeLessThan(3 * patience);
  });

  test('is told without a script too, and keeps where one was going', async () => {
    const form = { name: 'rita', password: 'wrong', from: '/hosts?q=x' };
    const answer = await ask(hub, 'POST', '/login', { form, headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers['location']]).toEqual([
      303,
      '/login?refused=unauthenticated&from=%2Fhosts%3Fq%3Dx',
    ]);
    const good = { ...form, password: goodPassword };
    const signedIn = await ask(hub, 'POST', '/login', { form: good, headers: { accept: 'text/html' } });
    expect([signedIn.status, signedIn.headers['location']]).toEqual([303, '/hosts?q=x']);
  });

  test('a form of another site, one that is none and one that is too large are refused', async () => {
    const form = { name: 'rita', password: goodPassword };
    const other = await ask(hub, 'POST', '/login', { form, headers: { origin: 'https://evil.example' } });
    expect([other.status, other.headers['set-cookie']]).toEqual([403, undefined]);
    expect((await ask(hub, 'POST', '/login', { body: form })).status).toBe(415);
    const large = { name: 'rita', password: 'x'.repeat(10_000) };
    expect((await ask(hub, 'POST', '/login', { form: large })).status).toBe(413);
  });

  test('too often from one address waits, a good one too; other addresses do not', async () => {
    const attempts = Array.from({ length: 14 }, () => signIn(`x${Math.random()}`, 'wrong', '127.0.2.1'));
    // As soon as one has to wait: on a busy machine the rest take so long that the address may try again.
    await Promise.any(attempts.map(async (attempt) => expect((await attempt).status).toBe(429)));
    const good = await signIn('rita', goodPassword, '127.0.2.1');
    expect([good.status, Number(good.headers['retry-after']) > 0]).toEqual([429, true]);
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(8);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
    expect((await signIn('rita', goodPassword, '127.0.2.2')).status).toBe(200);
  });

  test('too often for one name waits wherever it comes from, and then works again', async () => {
    await join(hub, admin, { name: 'nina', role: 'viewer' });
    const peers = ['127.0.3.1', '127.0.3.2', '127.0.3.3'];
    const attempts = peers.flatMap((from) => Array.from({ length: 8 }, () => signIn('nina', 'wrong', from)));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const session = await eventually(
      async () => {
        const answer = await signIn('nina', goodPassword, '127.0.3.4');
        return answer.status === 200 ? cookieOf(answer) : null;
      },
      { seconds: 20, everySeconds: 0.5, what: 'the name to be let in again' },
    );
    expect(await statusOf(session)).toBe(200);
  });

  test('is in the audit log a bounded number of times, and without the name that nobody has', async () => {
    const { items } = await read<AuditPage>('/api/v1/audit?action=session.refuse&limit=500');
    const fromOne = items.filter(({ after }) => after === 'password from 127.0.2.1');
    expect(fromOne).toHaveLength(5);
    expect(new Set(fromOne.map(({ subject }) => subject))).toEqual(new Set(['unknown name']));
  });
});

describe('a user who', () => {
  test('is disabled is out at once, streams too, and stays out until enabled and signed in again', async () => {
    const session = await join(hub, admin, { name: 'udo', role: 'operator' });
    const stream = await streamOf(session);
    expect([stream.status, await statusOf(session)]).toEqual([200, 200]);
    const { id } = await userNamed('udo');
    expect((await ask(hub, 'POST', `/api/v1/users/${id}/disable`, { cookie: admin })).status).toBe(204);
    expect(await secondsUntil(stream.ended)).toBeLessThan(5 * patience);
    expect(await statusOf(session)).toBe(401);
    expect((await signIn('udo', goodPassword)).status).toBe(401);
    expect((await ask(hub, 'POST', `/api/v1/users/${id}/login-link`, { cookie: admin })).status).toBe(409);
    expect((await ask(hub, 'POST', `/api/v1/users/${id}/enable`, { cookie: admin })).status).toBe(204);
    expect(await statusOf(session)).toBe(401);
    expect((await signIn('udo', goodPassword)).status).toBe(200);
  });

  test('is disabled or removed by the command is out of open pages within 5 s', async () => {
    const session = await join(hub, admin, { name: 'karl', role: 'viewer' });
    const stream = await streamOf(session);
    expect(await hub.command('user', 'disable', 'karl')).toBe('disabled karl');
    expect(await statusOf(session)).toBe(401);
    expect(await secondsUntil(stream.ended)).toBeLessThan(5 * patience);
    expect(await hub.command('user', 'remove', 'karl')).toBe('removed karl');
    expect((await command('user', 'enable', 'karl')).code).toBe(1);
  });

  test('forgot the password gets a link that works once, and may set another without the old one', async () => {
    await join(hub, admin, { name: 'fred', role: 'viewer' });
    const { id } = await userNamed('fred');
    const made = await ask(hub, 'POST', `/api/v1/users/${id}/login-link`, { cookie: admin });
    const { path } = JSON.parse(made.body) as { path: string };
    const session = cookieOf(await ask(hub, 'POST', path));
    expect((await ask(hub, 'POST', path)).status).toBe(401);
    const body = { newPassword: 'another horse battery' };
    expect((await ask(hub, 'PUT', '/api/v1/account/password', { cookie: session, body })).status).toBe(204);
    expect((await signIn('fred', goodPassword)).status).toBe(401);
    expect((await signIn('fred', 'another horse battery')).status).toBe(200);
  });

  test('changes the password tells the present one, and is signed out everywhere else', async () => {
    await join(hub, admin, { name: 'paul', role: 'viewer' });
    const [here, there] = [await signIn('paul', goodPassword), await signIn('paul', goodPassword)].map(
      cookieOf,
    ) as [string, string];
    const stream = await streamOf(there);
    const change = (currentPassword: string | null, newPassword: string) =>
      ask(hub, 'PUT', '/api/v1/account/password', { cookie: here, body: { currentPassword, newPassword } });
    expect((await change(null, 'another horse battery')).status).toBe(422);
    expect((await change('wrong horse battery', 'another horse battery')).status).toBe(422);
    expect((await change(goodPassword, 'short')).status).toBe(422);
    expect((await change(goodPassword, 'another horse battery')).status).toBe(204);
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401]);
    expect(await secondsUntil(stream.ended)).toBeLessThan(5 * patience);
  });

  test('is the last administrator who may sign in stays one, over the API and by the command', async () => {
    const { id } = await userNamed('admin');
    const path = `/api/v1/users/${id}`;
    const tries = [
      ask(hub, 'PUT', `${path}/role`, { cookie: admin, body: { role: 'operator' } }),
      ask(hub, 'POST', `${path}/disable`, { cookie: admin }),
      ask(hub, 'DELETE', path, { cookie: admin }),
    ];
    for (const answer of await Promise.all(tries)) {
      expect(answer.status).toBe(409);
      expect(answer.body).toContain('last administrator');
    }
    for (const words of [
      ['disable', 'admin'],
      ['role', 'admin', 'viewer'],
      ['remove', 'ADMIN'],
    ]) {
      const { code, stderr } = await command('user', ...words);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^gpufleet hub: admin is the last admin.*\n$/),
      ]);
    }
    expect(await statusOf(admin)).toBe(200);
  });
});

describe('sessions', () => {
  const list = async (cookie: string, of = 'own') =>
    (await read<{ items: SessionView[] }>(`/api/v1/sessions?of=${of}`, cookie)).items;

  test('are one’s own to see and to end; those of others are an administrator’s', async () => {
    const first = await join(hub, admin, { name: 'sara', role: 'operator' });
    const second = cookieOf(
      await ask(hub, 'POST', '/login', {
        form: { name: 'sara', password: goodPassword },
        headers: { 'user-agent': 'Another Browser/1.0' },
        from: '127.0.4.1',
      }),
    );
    const own = await list(first);
    expect(own.map(({ how, peer, isCurrent }) => [how, peer, isCurrent])).toEqual([
      ['password', '127.0.4.1', false],
      ['invitation', '127.0.0.1', true],
    ]);
    expect(own[0]?.userAgent).toBe('Another Browser/1.0');
    expect((await ask(hub, 'GET', '/api/v1/sessions?of=everyone', { cookie: first })).status).toBe(403);
    const everyone = await list(admin, 'everyone');
    const admins = everyone.find(({ userName }) => userName === 'admin');
    const end = (cookie: string, id?: string) =>
      ask(hub, 'DELETE', `/api/v1/sessions/${id}`, { cookie }).then(({ status }) => status);
    expect(await end(first, admins?.id)).toBe(404);
    const stream = await streamOf(second);
    expect(await end(first, own[0]?.id)).toBe(204);
    expect(await secondsUntil(stream.ended)).toBeLessThan(5 * patience);
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 401]);
    expect(await end(admin, own[1]?.id)).toBe(204);
    expect(await statusOf(first)).toBe(401);
  });

  test('of one user end together: all but one’s own, or all', async () => {
    const first = await join(hub, admin, { name: 'tina', role: 'viewer' });
    const others = [await signIn('tina', goodPassword), await signIn('tina', goodPassword)].map(cookieOf);
    expect((await ask(hub, 'DELETE', '/api/v1/account/sessions', { cookie: first })).status).toBe(204);
    expect(await Promise.all([first, ...others].map(statusOf))).toEqual([200, 401, 401]);
    const { id } = await userNamed('tina');
    expect((await ask(hub, 'DELETE', `/api/v1/users/${id}/sessions`, { cookie: first })).status).toBe(403);
    expect((await ask(hub, 'DELETE', `/api/v1/users/${id}/sessions`, { cookie: admin })).status).toBe(204);
    expect(await statusOf(first)).toBe(401);
  });

  test('have an id that opens nothing', async () => {
    const text = JSON.stringify(await list(admin, 'everyone'));
    expect(text).not.toMatch(/gfs_|[0-9a-f]{64}/);
    const [session] = await list(admin);
    expect(await statusOf(`gpufleet_session=${session?.id}`)).toBe(401);
  });
});

describe('tokens over the API', () => {
  const list = async () => (await read<{ items: TokenView[] }>('/api/v1/tokens')).items;
  const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

  test('are shown once, noted when used, and ended at once', async () => {
    const make = async (body: object) => {
      const answer = await ask(hub, 'POST', '/api/v1/tokens', { cookie: admin, body });
      expect(answer.status, answer.body).toBe(200);
      return (JSON.parse(answer.body) as { secret: string }).secret;
    };
    const api = await make({ kind: 'api', name: 'script', role: 'operator', lifeSeconds: 3600 });
    const scrape = await make({ kind: 'scrape', name: 'prometheus' });
    const enrolling = await make({ kind: 'enroll', labels: { group: 'lab' } });
    expect((await ask(hub, 'GET', '/api/v1/hosts', bearer(api))).status).toBe(200);
    expect((await ask(hub, 'GET', '/metrics', bearer(scrape))).status).toBe(200);
    await enroll(hub.url, enrolling, 'by-token');
    const tokens = await list();
    expect(tokens.map(({ kind, role, createdBy, labels }) => [kind, role, createdBy, labels])).toEqual([
      ['api', 'operator', 'user admin', {}],
      ['scrape', 'viewer', 'user admin', {}],
      ['enroll', null, 'user admin', { group: 'lab' }],
    ]);
    expect(tokens.map(({ lastUsedAt }) => lastUsedAt !== null)).toEqual([true, true, false]);
    expect(JSON.stringify(tokens)).not.toMatch(/gf[a-z]_|[0-9a-f]{64}/);
    const taken = await ask(hub, 'POST', '/api/v1/tokens', {
      cookie: admin,
      body: { kind: 'api', name: 'script' },
    });
    expect(taken.status).toBe(409);
    const twoLines = { kind: 'api', name: 'one\ntwo' };
    expect((await ask(hub, 'POST', '/api/v1/tokens', { cookie: admin, body: twoLines })).status).toBe(422);
    for (const { id } of tokens)
      expect((await ask(hub, 'DELETE', `/api/v1/tokens/${id}`, { cookie: admin })).status).toBe(204);
    expect((await ask(hub, 'GET', '/api/v1/hosts', bearer(api))).status).toBe(401);
    expect((await ask(hub, 'GET', '/metrics', bearer(scrape))).status).toBe(401);
    expect(await list()).toEqual([]);
  });

  test('of an administrator may do what their role says, and have no password', async () => {
    const secret = await hub.apiToken('admin');
    expect((await ask(hub, 'GET', '/api/v1/users', bearer(secret))).status).toBe(200);
    const body = { newPassword: goodPassword };
    expect((await ask(hub, 'PUT', '/api/v1/account/password', { body, ...bearer(secret) })).status).toBe(403);
  });
});

test('plain routes take whom they are for, and nobody else', async () => {
  const credential = await enroll(hub.url, await hub.enrollmentToken(), 'plain');
  const secrets = {
    stranger: null,
    agent: credential,
    scrape: await hub.scrapeToken(),
    viewer: await hub.apiToken('viewer'),
    operator: await hub.apiToken('operator'),
    admin: await hub.apiToken('admin'),
  };
  // What they get past the check of who asks: 415 is a push without a body, 400 a stream without topics.
  const table: readonly (readonly [string, string, readonly number[]])[] = [
    ['POST', '/api/v1/push', [401, 415, 403, 403, 403, 403]],
    ['POST', '/api/v1/enroll', [401, 415, 415, 415, 415, 415]],
    ['GET', '/api/v1/stream', [401, 403, 403, 400, 400, 400]],
    ['GET', '/metrics', [200, 403, 200, 200, 200, 200]],
    ['GET', '/metrics/hub', [200, 403, 200, 200, 200, 200]],
    ['POST', '/logout', [401, 403, 403, 303, 303, 303]],
    ['POST', '/login', [415, 415, 415, 415, 415, 415]],
    ['POST', '/invite/x', [415, 415, 415, 415, 415, 415]],
    ['GET', '/healthz', [200, 200, 200, 200, 200, 200]],
    ['GET', '/readyz', [200, 200, 200, 200, 200, 200]],
  ];
  for (const [method, path, expected] of table) {
    const statuses: number[] = [];
    for (const secret of Object.values(secrets)) {
      const headers: Record<string, string> = secret === null ? {} : { authorization: `Bearer ${secret}` };
      statuses.push((await ask(hub, method, path, { headers })).status);
    }
    expect([method, path, ...statuses]).toEqual([method, path, ...expected]);
  }
});

test('the command lists people and invites them', async () => {
  const link = await hub.command('user', 'invite', 'cli-made', '--role', 'operator', '--for', '1h');
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invite\/gfi_[\w-]{43}$/);
  const session = cookieOf(
    await ask(hub, 'POST', new URL(link).pathname, { form: { password: goodPassword } }),
  );
  expect(await hub.command('user', 'role', 'cli-made', 'viewer')).toBe('cli-made is viewer');
  expect(await read('/api/v1/account', session)).toMatchObject({ name: 'cli-made', role: 'viewer' });
  const users = JSON.parse(await hub.command('user', 'list', '--json')) as UserView[];
  expect(users.find(({ name }) => name === 'cli-made')).toMatchObject({ role: 'viewer', hasPassword: true });
  expect(await hub.command('user', 'list')).toMatch(/^cli-made\tviewer\tmay sign in\tpassword\tseen /m);
  expect(await read('/api/v1/account', await byLink(hub, 'CLI-made'))).toMatchObject({ name: 'cli-made' });
  for (const words of [
    ['role', 'cli-made'],
    ['role', 'cli-made', 'king'],
    ['invite', 'x', '--role', 'king'],
    ['nope'],
  ])
    expect((await command('user', ...words)).code).toBe(2);
  expect((await command('user', 'login-link', 'nobody')).code).toBe(1);
});

test('the audit log has every change, a page at a time, and no secret', async () => {
  const all: AuditPage['items'][number][] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: AuditPage = await read(`/api/v1/audit?limit=20${cursor && `&cursor=${cursor}`}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect([...new Set(all.map(({ action }) => action))].sort()).toEqual([
    'host.enroll',
    'invitation.create',
    'invitation.withdraw',
    'session.end',
    'session.refuse',
    'session.start',
    'token.create',
    'token.remove',
    'user.create',
    'user.disable',
    'user.enable',
    'user.login-link',
    'user.password',
    'user.remove',
    'user.role',
  ]);
  const text = JSON.stringify(all);
  expect(text).not.toMatch(/gf[a-z]_|scrypt|horse|[0-9a-f]{64}/);
  const anna = await read<AuditPage>('/api/v1/audit?subject=anna&action=user.role');
  expect(anna.items).toMatchObject([
    { actor: 'user admin', before: 'admin', after: 'viewer, 1 open invitation withdrawn' },
  ]);
  expect((await read<AuditPage>('/api/v1/audit?from=2126-01-01')).items).toEqual([]);
  for (const bad of ['cursor=x', 'limit=0', 'limit=501', 'from=yesterday', 'nope=1'])
    expect((await ask(hub, 'GET', `/api/v1/audit?${bad}`, { cookie: admin })).status).toBe(400);
});
