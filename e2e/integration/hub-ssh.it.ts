import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type {
  Alert,
  CaptureView,
  HostDetail,
  Page,
  SshHostsView,
  SshHostView,
  SshKeyView,
  SshTest,
} from '../../lib/model/index.ts';
import { recordedHost } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { type Answer, send } from './support/pusher.ts';
import { makeKey, type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, freePort, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let admin: string;
let folder: string;
let fleetFile: string;
let key: SshKeyView;
let server: SshServer;
let path: string;

const ask = (method: string, where: string, body?: object, token = admin): Promise<Answer> =>
  send(`${hub.url}/api/v1/${where}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
async function must<T>(method: string, where: string, body?: object): Promise<T> {
  const answer = await ask(method, where, body);
  expect(answer.status, `${method} ${where}: ${answer.body}`).toBeLessThan(300);
  return (answer.body === '' ? null : JSON.parse(answer.body)) as T;
}
const views = async (): Promise<readonly SshHostView[]> =>
  (await hub.getJson<SshHostsView>('/api/v1/ssh-hosts')).items;
async function viewOf(id: string): Promise<SshHostView> {
  const found = (await views()).find((view) => view.id === id);
  if (found === undefined) throw new Error(`no SSH host ${id}`);
  return found;
}
const until = (id: string, state: SshHostView['state'], seconds = 30): Promise<SshHostView> =>
  eventually(
    async () => {
      const view = await viewOf(id);
      if (view.state !== state) throw new Error(`${view.state}: ${view.condition?.text}`);
      return view;
    },
    { seconds, what: `${state}` },
  );
const settings = (port: number, address = '127.0.0.1') => ({
  address,
  port,
  user: server.user,
  jumps: [],
  keyId: key.id,
  intervalSeconds: 1,
});
const add = (port: number) => must<SshHostView>('POST', 'ssh-hosts', settings(port));
const accept = async (id: string): Promise<void> => {
  const { offeredKey } = await viewOf(id);
  await must('POST', `ssh-hosts/${id}/accept-key`, { fingerprint: offeredKey?.fingerprint });
};
/** A later reading than any so far. */
const readAgain = async (id: string): Promise<void> => {
  const before = (await viewOf(id)).lastReadAt;
  await eventually(async () => (await viewOf(id)).lastReadAt !== before, { what: 'another reading' });
};
const keyAlerts = async (): Promise<readonly Alert[]> =>
  (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=open')).items.filter(
    ({ rule }) => rule === 'ssh-host-key',
  );

const startServer = (options: { hostKey?: string; port?: number; lines?: readonly string[] } = {}) =>
  startSshServer(cleanup, {
    ...options,
    lines: [`SetEnv PATH=${path} HOME=${folder}`, ...(options.lines ?? [])],
  });

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'hub-ssh');
  fleetFile = join(folder, 'fleet.yaml');
  writeFileSync(fleetFile, 'hosts:\n');
  await writePlayer(join(folder, 'player'), { recording: recordedHost('rtx4090x4'), motion: false });
  path = `${join(folder, 'player')}:/usr/local/bin:/usr/bin:/bin`;
  [hub, server] = await Promise.all([
    startTestHub(cleanup, { options: ['--fleet-file', fleetFile] }),
    startServer(),
  ]);
  admin = await hub.apiToken('admin');
  key = await must<SshKeyView>('POST', 'ssh-keys', { name: 'main', path: null, passphrase: null });
  const file = join(folder, 'hub-key');
  writeFileSync(`${file}.pub`, `${key.publicLine}\n`);
  server.authorize(file);
});

let first: SshHostView;

test('an unknown key waits for a person, who must name the one that is shown; then its GPUs are there', async () => {
  first = await add(server.port);
  const waiting = await until(first.id, 'waiting-for-key');
  const shown = (await mustRun(['ssh-keygen', '-lf', join(server.folder, 'host-key.pub')])).split(' ')[1];
  expect(waiting).toMatchObject({ offeredKey: { fingerprint: shown }, acceptedKey: null, hostId: null });
  expect(waiting.condition).toMatchObject({
    code: 'unknown-key',
    text: expect.stringContaining(shown ?? '-'),
  });
  expect(await hub.getText('/metrics/hub')).toMatch(/^gpufleet_hub_ssh_hosts\{state="waiting-for-key"\} 1$/m);
  const steps = (await must<SshTest>('POST', `ssh-hosts/${first.id}/test`)).steps;
  expect(steps.map(({ outcome }) => outcome)).toEqual(['ok', 'failed', ...Array(4).fill('skipped')]);
  const other = await ask('POST', `ssh-hosts/${first.id}/accept-key`, { fingerprint: 'SHA256:another' });
  expect([other.status, other.body]).toEqual([409, expect.stringContaining(shown ?? '-')]);
  const viewer = await hub.apiToken('viewer');
  const body = { fingerprint: shown };
  expect((await ask('POST', `ssh-hosts/${first.id}/accept-key`, body, viewer)).status).toBe(403);
  // Who may look sees it by itself; nobody else does.
  const alone = await ask('GET', `ssh-hosts/${first.id}`, undefined, viewer);
  expect(alone.status).toBe(200);
  expect(JSON.parse(alone.body)).toMatchObject({
    id: first.id,
    state: 'waiting-for-key',
    offeredKey: { fingerprint: shown },
  });
  expect((await ask('GET', `ssh-hosts/${first.id}`, undefined, 'nobody')).status).toBe(401);
  expect((await ask('GET', 'ssh-hosts/nowhere', undefined, viewer)).status).toBe(404);
  // Nobody logged in until now.
  expect(server.program.output()).not.toMatch(/Accepted publickey/);
  await accept(first.id);
  await until(first.id, 'reading');
  const host = await eventually(async () => {
    const detail = await hub.getJson<HostDetail>(`/api/v1/hosts/${first.id}`);
    return detail.gpus.length === 4 ? detail : null;
  });
  expect(host).toMatchObject({ id: first.id, state: 'ok' });
  const tested = await must<SshTest>('POST', `ssh-hosts/${first.id}/test`);
  expect(tested.steps.slice(0, 5).every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(tested.steps[4]?.text).toBe('4 GPUs');
});

test('a capture that is asked for on its page comes over SSH too', async () => {
  await must('POST', `hosts/${first.id}/capture`);
  const ready = await eventually(
    async () => {
      const view = await must<CaptureView>('GET', `hosts/${first.id}/capture`);
      return view.state === 'asked' ? null : view;
    },
    { seconds: 45, what: 'the capture' },
  );
  expect(ready).toMatchObject({ state: 'ready', path: expect.stringMatching(/^\/api\/v1\/captures\//) });
  const archive = join(folder, 'capture.tar.gz');
  const header = `Authorization: Bearer ${admin}`;
  await mustRun(['curl', '-sf', '-o', archive, '-H', header, `${hub.url}${ready.path}`]);
  expect(await mustRun(['tar', '-tzf', archive])).toMatch(/^commands\/.*nvidia-smi/m);
}, 240_000);

test('a host that takes connections and says nothing touches no other', async () => {
  const silent = createServer(() => {});
  const port = await freePort();
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  cleanup.add(() => silent.close());
  const hung = await add(port);
  for (let round = 0; round < 3; round += 1) await readAgain(first.id);
  // Its own pace, whatever the hub's is.
  expect(await hub.getJson<HostDetail>(`/api/v1/hosts/${first.id}`)).toMatchObject({ intervalSeconds: 1 });
  const failing = await until(hung.id, 'failing');
  expect(failing.condition).toMatchObject({ code: 'silent' });
  expect((await viewOf(first.id)).condition).toBeNull();
  await must('DELETE', `ssh-hosts/${hung.id}`);
});

test('hosts of the fleet file are taken up and let go without a restart', async () => {
  const pattern = await startServer({ lines: ['ListenAddress 127.0.0.2', 'ListenAddress 127.0.0.3'] });
  const file = join(folder, 'hub-key');
  pattern.authorize(file);
  writeFileSync(
    fleetFile,
    `ssh:\n  127.0.0.[2-3]: { user: ${server.user}, key: main, port: ${pattern.port}, interval: 1s }\n`,
  );
  const ids = await eventually(async () => {
    const ofFile = (await views()).filter(({ source }) => source === 'fleet-file');
    return ofFile.length === 2 ? ofFile.map(({ id }) => id) : null;
  });
  for (const id of ids) {
    await until(id, 'waiting-for-key');
    await accept(id);
    await until(id, 'reading');
    await readAgain(id);
  }
  expect((await ask('DELETE', `ssh-hosts/${ids[0]}`)).status).toBe(409);
  writeFileSync(fleetFile, 'ssh:\n  127.0.0.[3-2]: { user: a, key: main }\n');
  await eventually(() => hub.output.includes('[3-2] ends before it begins'));
  expect((await views()).filter(({ source }) => source === 'fleet-file')).toHaveLength(2);
  writeFileSync(fleetFile, 'hosts:\n');
  await eventually(async () => (await views()).every(({ source }) => source === 'hub'));
  await eventually(async () => (await hub.get(`/api/v1/hosts/${ids[0]}`)).status === 404, {
    what: 'the host to leave the fleet',
  });
});

test('a hub that starts again reads on, with the keys that it has', async () => {
  await hub.stop();
  await hub.start();
  expect(await until(first.id, 'reading')).toMatchObject({ acceptedKey: expect.anything() });
  await readAgain(first.id);
});

test('a changed key stops that host and is an alert, until a person accepts it', async () => {
  const { port } = server;
  const hostKey = await makeKey(folder);
  await server.program.stop('SIGTERM');
  await mustRun([
    'sh',
    '-c',
    `for p in $(ss -tnpH "sport = :${port}" | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u); do kill $p; done`,
  ]);
  const again = await startServer({ port, hostKey });
  again.authorize(join(folder, 'hub-key'));
  const changed = await until(first.id, 'key-changed', 40);
  const shown = (await mustRun(['ssh-keygen', '-lf', `${hostKey}.pub`])).split(' ')[1];
  expect(changed.offeredKey?.fingerprint).toBe(shown);
  expect(changed.acceptedKey?.fingerprint).not.toBe(shown);
  const [alert] = await eventually(async () => {
    const found = await keyAlerts();
    return found.length > 0 ? found : null;
  });
  expect(alert).toMatchObject({ severity: 'critical', hosts: [{ id: first.id }] });
  expect(again.program.output()).not.toMatch(/Accepted publickey/);
  await accept(first.id);
  await until(first.id, 'reading');
  await eventually(async () => (await keyAlerts()).length === 0, { what: 'the alert to be over' });
});

test('an accepted key is withdrawn: the host is let go and waits again; removed, nothing of it stays trusted', async () => {
  const viewer = await hub.apiToken('viewer');
  const where = `ssh-hosts/${first.id}/accepted-key`;
  expect((await ask('DELETE', where, undefined, viewer)).status).toBe(403);
  expect((await ask('DELETE', `${where}?place=elsewhere.example`)).status).toBe(404);
  await until(first.id, 'reading');
  await must('DELETE', where);
  const waiting = await until(first.id, 'waiting-for-key');
  expect(waiting).toMatchObject({ acceptedKey: null, condition: { code: 'unknown-key' } });
  expect((await ask('DELETE', where)).status).toBe(404);
  await accept(first.id);
  await until(first.id, 'reading');
  const { port } = first;
  await must('DELETE', `ssh-hosts/${first.id}`);
  const again = await add(port);
  await until(again.id, 'waiting-for-key');
  // Also after a start: it is gone from the state.
  await hub.stop();
  await hub.start();
  expect(await until(again.id, 'waiting-for-key')).toMatchObject({ acceptedKey: null });
  const audit = await must<Page<{ action: string }>>('GET', 'audit');
  const forgotten = audit.items.filter(({ action }) => action === 'ssh-host.forget-key');
  expect(forgotten).toHaveLength(2);
});
