import { readFileSync, writeFileSync } from 'node:fs';
import { hostname as osHostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  HostDetail,
  RangeResult,
  SshHostsView,
  SshHostView,
  SshInstallsView,
  SshKeyView,
} from '../../lib/model/index.ts';
import { type DebianRoot, startDebianRoot } from './support/debian-root.ts';
import { patience } from './support/patience.ts';
import { playedSshHost } from './support/played-ssh-host.ts';
import { send } from './support/pusher.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, freePort, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let debian: DebianRoot | string = '';
let hub: TestHub;
let token = '';
let server: SshServer;
let key: SshKeyView;
let login = '';

beforeAll(async () => {
  debian = await startDebianRoot(cleanup);
  if (typeof debian === 'string') return;
  hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--watched-interval', '1s'] });
  token = await hub.apiToken('admin');
  key = await call<SshKeyView>('POST', '/api/v1/ssh-keys', { name: 'hub' });
  login = await playedSshHost(temporaryFolder(cleanup, 'login'), debian);
  server = await startSshServer(cleanup, { lines: [`ForceCommand ${login}`, 'Subsystem none /bin/false'] });
  const publicFile = join(server.folder, 'hub-key');
  writeFileSync(`${publicFile}.pub`, `${key.publicLine}\n`);
  server.authorize(publicFile);
}, 900_000);
afterAll(() => cleanup.run());

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
  return send(`${hub.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
async function call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const answer = await ask(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
}
const view = async (id: string): Promise<SshHostView> => {
  const { items } = await call<SshHostsView>('GET', '/api/v1/ssh-hosts');
  const found = items.find((item) => item.id === id);
  if (found === undefined) throw new Error('it is not there');
  return found;
};
const until = (id: string, state: SshHostView['state']): Promise<SshHostView> =>
  eventually(
    async () => {
      const now = await view(id);
      if (now.state !== state) throw new Error(`${now.state}: ${JSON.stringify(now.condition)}`);
      return now;
    },
    { seconds: 20, what: state },
  );
const detail = (id: string): Promise<HostDetail> => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
const settings = (port: number, more: object = {}) => ({
  address: '127.0.0.1',
  port,
  user: server.user,
  keyId: key.id,
  ...more,
});
let id = '';

test('an unknown key waits for a person; accepted, its GPUs are there', async ({ skip }) => {
  if (typeof debian === 'string') skip(debian);
  ({ id } = await call<SshHostView>('POST', '/api/v1/ssh-hosts', settings(server.port)));
  const waiting = await until(id, 'waiting-for-key');
  expect(waiting.condition?.code).toBe('unknown-key');
  const stranger = await ask('POST', `/api/v1/ssh-hosts/${id}/accept-key`, { fingerprint: 'SHA256:other' });
  expect(stranger.status).toBe(409);
  await call('POST', `/api/v1/ssh-hosts/${id}/accept-key`, { fingerprint: waiting.offeredKey?.fingerprint });
  await until(id, 'reading');
  const host = await eventually(
    async () => {
      const now = await detail(id).catch(() => null);
      return now?.current === true && now.state !== 'starting' ? now : null;
    },
    { seconds: 20, what: 'its readings' },
  );
  expect(host).toMatchObject({ hostname: osHostname(), state: 'ok' });
  expect(host.gpus.map(({ name }) => name)).toEqual(['Tesla T4']);
  const tested = await call<SshHostView['lastTest']>('POST', `/api/v1/ssh-hosts/${id}/test`);
  expect(tested?.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'reachable ok',
    'key-known ok',
    'logged-in ok',
    'shell ok',
    'nvidia-smi ok',
    'docker failed',
  ]);
  const state = readFileSync(join(hub.dataFolder, 'state.sqlite'), 'latin1');
  expect(state).not.toContain('PRIVATE KEY');
});

test('one that nobody answers touches no other', async ({ skip }) => {
  if (typeof debian === 'string') skip(debian);
  const shut = await call<SshHostView>('POST', '/api/v1/ssh-hosts', settings(await freePort()));
  expect((await until(shut.id, 'failing')).condition?.code).toBe('unreachable');
  expect((await detail(id)).state).toBe('ok');
  await call('DELETE', `/api/v1/ssh-hosts/${shut.id}`);
});

test('a changed key stops it until a person accepts the new one', async ({ skip }) => {
  if (typeof debian === 'string') skip(debian);
  await server.program.stop('SIGTERM');
  const other = await startSshServer(cleanup, {
    port: server.port,
    hostKey: await makeKey(server.folder),
    lines: [`ForceCommand ${login}`, 'Subsystem none /bin/false'],
  });
  other.authorize(join(server.folder, 'hub-key'));
  await call('POST', `/api/v1/ssh-hosts/${id}/test`);
  // The session that stands goes on; a new setting makes the hub connect anew.
  const answer = await send(`${hub.url}/api/v1/ssh-hosts/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(settings(server.port)),
  });
  expect(answer.status).toBe(200);
  const changed = await until(id, 'key-changed');
  expect(changed.offeredKey?.fingerprint).not.toBe(changed.acceptedKey?.fingerprint);
  await call('POST', `/api/v1/ssh-hosts/${id}/accept-key`, { fingerprint: changed.offeredKey?.fingerprint });
  await until(id, 'reading');
});

test('the agent is installed over SSH, takes over under the same id, and nothing is told twice', async ({
  skip,
}) => {
  if (typeof debian === 'string') skip(debian);
  await eventually(async () => ((await detail(id)).current ? true : null), { seconds: 20 });
  const began = Math.floor(Date.now() / 1000);
  await call('POST', '/api/v1/ssh-installs', { hosts: [id], access: 'gpu', origin: hub.url });
  const ended = await eventually(
    async () => {
      const { items } = await call<SshInstallsView>('GET', '/api/v1/ssh-installs');
      return items.find(({ sshHostId, endedAt }) => sshHostId === id && endedAt !== null) ?? null;
    },
    { seconds: 120, what: 'the installation' },
  );
  expect(ended).toMatchObject({ state: 'done' });
  expect((await view(id)).state).toBe('stepped-back');
  // It enrolled; that it reports is on its page a moment later.
  await eventually(async () => (await detail(id)).hostname === 'debian-root', { what: 'its first report' });
  expect(await detail(id)).toMatchObject({ id, hostname: 'debian-root', current: true });
  // A second a reading, before, while and after the agent takes over.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const now = Math.floor(Date.now() / 1000);
  const uuid = (await detail(id)).gpus[0]?.uuid;
  const { series } = await hub.getJson<RangeResult>(
    `/api/v1/query_range?metric=gpu_power_watts&select=uuid%3D${uuid}&from=${began}&to=${now}&step=1`,
  );
  const times = series.flatMap(({ points }) => points.map(([at]) => at)).sort((a, b) => a - b);
  expect(new Set(times).size, 'seconds that are told twice').toBe(times.length);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  expect(Math.max(...gaps), times.join(' ')).toBeLessThanOrEqual(2 * patience);
  const edges = [(times[0] ?? now) - began, now - (times.at(-1) ?? 0)];
  expect(Math.max(...edges), edges.join(' ')).toBeLessThanOrEqual(5 * patience);
  const { items } = await hub.getJson<{ items: readonly { hostname: string }[] }>('/api/v1/hosts');
  expect(items).toHaveLength(1);
  expect(hub.output).not.toContain('gfe_');
});
