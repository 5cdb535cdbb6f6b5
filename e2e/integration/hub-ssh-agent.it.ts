import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type {
  HostDetail,
  HostSummary,
  Page,
  RangeResult,
  SshHostsView,
  SshHostView,
  SshKeyView,
} from '../../lib/model/index.ts';
import { gpufleet, recordedHost } from './support/played-agent.ts';
import { type PlayedMachine, startPlayedMachine } from './support/played-machine.ts';
import { type RunningProgram, startProgram } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { type SshServer, startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());
const isRoot = process.getuid?.() === 0;

let hub: TestHub;
let token: string;
let folder: string;
let path: string;
let machine: PlayedMachine;
let server: SshServer;
let key: SshKeyView;
/** The host as the hub reads it over SSH. */
let far: string;
let uuid: string;
let byHand: RunningProgram;

async function call<T>(method: string, where: string, body?: object): Promise<T> {
  const answer = await send(`${hub.url}/api/v1/${where}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.status >= 300) throw new Error(`${method} ${where}: ${answer.status} ${answer.body}`);
  return (answer.body === '' ? null : JSON.parse(answer.body)) as T;
}
async function view(id: string): Promise<SshHostView> {
  const found = (await call<SshHostsView>('GET', 'ssh-hosts')).items.find((item) => item.id === id);
  if (found === undefined) throw new Error(`no SSH host ${id}`);
  return found;
}
const until = (id: string, state: SshHostView['state']): Promise<SshHostView> =>
  eventually(
    async () => {
      const now = await view(id);
      if (now.state !== state) throw new Error(`${now.state}: ${now.condition?.text}`);
      return now;
    },
    { what: `${id} to be ${state}` },
  );
const hosts = async (): Promise<readonly HostSummary[]> =>
  (await hub.getJson<Page<HostSummary>>('/api/v1/hosts')).items;
const detail = (id: string): Promise<HostDetail> => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
const settings = () => ({
  address: '127.0.0.1',
  port: server.port,
  user: server.user,
  keyId: key.id,
  intervalSeconds: 1,
});

/** The agent as a person starts it there, with a token for any host. */
async function startByHand(name: string, prefix: readonly [string, ...string[]]): Promise<RunningProgram> {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'token'), await hub.enrollmentToken(), { mode: 0o600 });
  const told = ['--hub', hub.url, '--token-file', join(home, 'token'), '--state-dir', join(home, 'state')];
  return startProgram(
    cleanup,
    [...prefix, ...gpufleet, 'agent', ...told, '--interval', '1s', '--no-docker'],
    {
      env: { PATH: path, HOME: home },
    },
  );
}

beforeAll(async () => {
  if (!isRoot) return;
  folder = temporaryFolder(cleanup, 'by-hand');
  hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--watched-interval', '1s'] });
  token = await hub.apiToken('admin');
  machine = await startPlayedMachine(cleanup, {
    name: 'gpu-17',
    files: { '/etc/machine-id': 'c0ffee00c0ffee00c0ffee00c0ffee00\n' },
  });
  const { nvidiaSmi } = await writePlayer(join(folder, 'bin'), { recording: recordedHost('t4-cloud') });
  path = `${dirname(nvidiaSmi)}:/usr/local/bin:/usr/bin:/bin`;
  server = await startSshServer(cleanup, {
    prefix: machine.prefix,
    lines: [`SetEnv PATH=${path} HOME=${folder}`],
  });
  key = await call<SshKeyView>('POST', 'ssh-keys', { name: 'hub' });
  writeFileSync(join(folder, 'hub-key.pub'), `${key.publicLine}\n`);
  server.authorize(join(folder, 'hub-key'));
  far = (await call<SshHostView>('POST', 'ssh-hosts', settings())).id;
  const { offeredKey } = await until(far, 'waiting-for-key');
  await call('POST', `ssh-hosts/${far}/accept-key`, { fingerprint: offeredKey?.fingerprint });
  await until(far, 'reading');
  uuid = await eventually(async () => (await detail(far)).gpus[0]?.uuid, { what: 'its GPU' });
}, 480_000);

describe.skipIf(!isRoot)('an agent that is installed by hand', () => {
  test('on a clone of the host is a host of its own', async () => {
    const program = await startByHand('clone', machine.clone(randomUUID()));
    await program.seen(/reporting to/, 240);
    const clone = await eventually(async () => (await hosts()).find(({ id }) => id !== far));
    expect(readFileSync(join(folder, 'clone', 'state', 'host.json'), 'utf8')).toContain(clone.id);
    expect((await view(far)).state).toBe('reading');
    await program.stop();
    await eventually(async () => (await detail(clone.id)).state === 'gone', { what: 'the clone to be gone' });
    await call('DELETE', `hosts/${clone.id}`);
    expect((await hosts()).map(({ id }) => id)).toEqual([far]);
  }, 480_000);

  test('stays the host that was read over SSH: one id, no gap, nothing twice', async () => {
    const began = Math.floor(Date.now() / 1000);
    byHand = await startByHand('own', machine.prefix);
    await byHand.seen(/the hub knows this machine already, read over SSH/, 240);
    const stepped = await until(far, 'stepped-back');
    expect(stepped.condition).toBeNull();
    expect(JSON.parse(readFileSync(join(folder, 'own', 'state', 'host.json'), 'utf8'))).toEqual({ id: far });
    const handedOver = Math.floor(Date.now() / 1000);
    const times = await eventually(
      async () => {
        const now = Math.floor(Date.now() / 1000);
        const { series } = await hub.getJson<RangeResult>(
          `/api/v1/query_range?metric=gpu_power_watts&select=uuid%3D${uuid}&from=${began}&to=${now}&step=1`,
        );
        const found = series.flatMap(({ points }) => points.map(([at]) => at)).sort((a, b) => a - b);
        return found.filter((at) => at > handedOver).length >= 4 ? found : null;
      },
      { what: 'readings of the agent' },
    );
    expect(new Set(times).size, 'seconds that are told twice').toBe(times.length);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
    // A reading is late by some seconds where the machine has much else to do; an agent starts for longer than that.
    expect(Math.max(...gaps), times.join(' ')).toBeLessThanOrEqual(8);
    expect((await hosts()).map(({ id }) => id)).toEqual([far]);
    expect(await detail(far)).toMatchObject({ id: far, current: true });
  }, 480_000);

  test('keeps its id when it and the hub start again', async () => {
    await byHand.stop();
    await hub.stop();
    await hub.start();
    expect((await view(far)).state).toBe('stepped-back');
    byHand = await startByHand('own', machine.prefix);
    await eventually(async () => (await detail(far)).current, { what: 'the agent to report again' });
    expect((await hosts()).map(({ id }) => id)).toEqual([far]);
  }, 480_000);
});

describe.skipIf(!isRoot)('an agent that is taken away', () => {
  test('leaves its host to be read over SSH again, once a person lets its id go', async () => {
    await byHand.stop();
    expect((await view(far)).state).toBe('stepped-back');
    await call('DELETE', `hosts/${far}/credential`);
    await until(far, 'reading');
    await eventually(async () => (await detail(far)).current, { what: 'its readings over SSH' });
    byHand = await startByHand('own', machine.prefix);
    await until(far, 'stepped-back');
    expect((await hosts()).map(({ id }) => id)).toEqual([far]);
  }, 480_000);

  test('while it reports, the host is not read over SSH under another id, and it is said why', async () => {
    await call('DELETE', `ssh-hosts/${far}`);
    expect((await hosts()).map(({ id }) => id)).toEqual([far]);
    const { id } = await call<SshHostView>('POST', 'ssh-hosts', settings());
    // Its key was forgotten with the host that was removed.
    const { offeredKey } = await until(id, 'waiting-for-key');
    await call('POST', `ssh-hosts/${id}/accept-key`, { fingerprint: offeredKey?.fingerprint });
    const waiting = await until(id, 'stepped-back');
    expect(waiting.condition).toMatchObject({ code: 'same-machine', text: expect.stringContaining(far) });
    expect((await hosts()).map((each) => each.id)).toEqual([far]);
    await byHand.stop();
    rmSync(join(folder, 'own'), { recursive: true });
    await eventually(async () => (await detail(far)).state === 'gone', { what: 'the host to be gone' });
    // It would look again by itself within a minute.
    await call('PUT', `ssh-hosts/${id}`, settings());
    await until(id, 'reading');
    await eventually(async () => (await detail(id)).current, { what: 'its readings' });
    const claims = () =>
      hub.getJson<{ reinstalled: readonly { oldHost: { id: string }; sharedGpus: number }[] }>(
        '/api/v1/claims',
      );
    // The first report may have no GPU yet.
    await eventually(async () => (await claims()).reinstalled[0]?.sharedGpus === 1, { what: 'its GPU' });
    expect((await claims()).reinstalled).toMatchObject([
      { oldHost: { id: far }, newHost: { id }, hasSameName: true, sharedGpus: 1 },
    ]);
    await call('POST', `hosts/${id}/replace`, { oldHost: far });
    expect((await hosts()).map((each) => each.id)).toEqual([id]);
  }, 480_000);
});
