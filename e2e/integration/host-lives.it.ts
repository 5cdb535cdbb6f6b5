import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostClaim, HostDetail, HostSummary, Page, Reinstalled } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { type Answer, enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

interface Claims {
  readonly claims: readonly HostClaim[];
  readonly reinstalled: readonly Reinstalled[];
}

let hub: TestHub;
let admin: string;
let token: string;
let sequence = 0;

beforeAll(async () => {
  hub = await startTestHub(cleanup);
  [admin, token] = await Promise.all([hub.apiToken('admin'), hub.enrollmentToken()]);
});

interface Pushed {
  readonly id: string;
  readonly hostname: string;
  readonly credential: string;
  readonly gpu?: string;
  readonly startedAt?: string;
  /** Seconds; a short one makes a host that is silent gone soon. */
  readonly interval?: number;
}

async function push(pushed: Pushed): Promise<Answer> {
  const { id, hostname, credential, gpu = `GPU-${hostname}`, startedAt, interval = 3600 } = pushed;
  sequence += 1;
  const at = new Date().toISOString();
  const body = pushFixture({
    host: { id, hostname, labels: {} },
    agent: { ...pushFixture().agent, ...(startedAt === undefined ? {} : { startedAt }) },
    sentAt: at,
    reports: [
      reportFixture({
        takenAt: at,
        sequence,
        intervalSeconds: interval,
        gpus: [{ ...gpuFixture(0), uuid: gpu, sampledAt: at }],
      }),
    ],
  });
  return pushOnce(hub.url, body, { credential });
}

const change = (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(`${hub.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const claims = () => hub.getJson<Claims>('/api/v1/claims');
const claimsOf = async (id: string) => (await claims()).claims.filter((claim) => claim.hostId === id);
const detail = (id: string) => hub.getJson<HostDetail>(`/api/v1/hosts/${id}`);
const isGone = async (id: string) => (await detail(id)).state === 'gone';

test('a machine with the id of another is refused, remembered, and can be given the id', async () => {
  const id = hostId('taken');
  const owner = await enroll(hub.url, token, 'taken', id);
  await push({ id, hostname: 'taken', credential: owner });
  await change('PUT', '/api/v1/labels', { hosts: [id], set: { rack: 'a1' } });
  const again = () => enroll(hub.url, token, 'impostor', id);
  for (let at = 0; at < 3; at += 1) await expect(again()).rejects.toThrow(/409 .*presses \\"Replace\\"/);
  expect(await claimsOf(id)).toMatchObject([
    { kind: 'same-id', hostname: 'impostor', peer: '127.0.0.1', count: 3 },
  ]);
  await hub.kill();
  await hub.start();
  expect(await claimsOf(id)).toHaveLength(1);
  expect((await change('DELETE', `/api/v1/hosts/${id}/credential`)).status).toBe(204);
  const credential = await again();
  expect(await claimsOf(id)).toEqual([]);
  expect((await push({ id, hostname: 'impostor', credential })).status).toBe(202);
  // The one that had it knocks, and is told and remembered as who it was.
  const refused = await push({ id, hostname: 'taken', credential: owner });
  expect([refused.status, refused.body]).toEqual([401, expect.stringContaining('credential')]);
  expect(await claimsOf(id)).toMatchObject([{ kind: 'unknown-credential', hostname: 'taken' }]);
  // Labels stay with the id; its name before is known.
  expect((await detail(id)).labels).toContainEqual({ key: 'rack', value: 'a1', source: 'hub' });
  await eventually(async () => {
    const { names } = await hub.getJson<{ names: { hostname: string }[] }>(`/api/v1/hosts/${id}/names`);
    return names[0]?.hostname === 'taken';
  });
});

test('two machines that report as one host are told, and a dismissed claim stays away', async () => {
  const id = hostId('cloned');
  const credential = await enroll(hub.url, token, 'cloned', id);
  const starts = ['2026-11-23T11:00:00.000Z', '2026-11-23T11:30:00.000Z'];
  for (let at = 0; at < 3; at += 1)
    await push({ id, hostname: 'cloned', credential, startedAt: starts[at % 2] ?? '' });
  expect(await claimsOf(id)).toEqual([]);
  await push({ id, hostname: 'copy', credential, startedAt: starts[1] ?? '' });
  const [claim] = await claimsOf(id);
  expect(claim).toMatchObject({ kind: 'two-agents' });
  expect((await change('DELETE', `/api/v1/claims/${claim?.id}`)).status).toBe(204);
  await push({ id, hostname: 'cloned', credential, startedAt: starts[0] ?? '' });
  expect(await claimsOf(id)).toEqual([]);
  expect((await change('DELETE', '/api/v1/claims/none')).status).toBe(404);
});

test('a reinstalled machine takes the place of the old one, with its labels and the history of its GPUs', async () => {
  const [oldId, newId] = [hostId('reimaged-old'), hostId('reimaged-new')];
  const gpu = 'GPU-reimaged';
  const from = Math.floor(Date.now() / 1000) - 60;
  const first = await enroll(hub.url, token, 'reimaged', oldId);
  await push({ id: oldId, hostname: 'reimaged', credential: first, gpu, interval: 0.5 });
  await change('PUT', '/api/v1/labels', { hosts: [oldId], set: { rack: 'r7', owner: 'lab' } });
  const second = await enroll(hub.url, token, 'reimaged', newId);
  await push({ id: newId, hostname: 'reimaged', credential: second, gpu });
  await change('PUT', '/api/v1/labels', { hosts: [newId], set: { owner: 'new' } });
  const early = await change('POST', `/api/v1/hosts/${newId}/replace`, { oldHost: oldId });
  if (early.status !== 204)
    expect([early.status, early.body]).toEqual([409, expect.stringContaining('still reports')]);
  await eventually(() => isGone(oldId), { seconds: 10 });
  // Another second than the old one's reading, so that the history has a point of each.
  await push({ id: newId, hostname: 'reimaged', credential: second, gpu });
  expect((await claims()).reinstalled.filter((twin) => twin.newHost.id === newId)).toMatchObject([
    { oldHost: { id: oldId }, hasSameName: true, sharedGpus: 1 },
  ]);
  expect((await change('POST', `/api/v1/hosts/${newId}/replace`, { oldHost: oldId })).status).toBe(204);
  expect((await hub.get(`/api/v1/hosts/${oldId}`)).status).toBe(404);
  const labels = (await detail(newId)).labels.map(({ key, value }) => `${key}=${value}`);
  expect(labels).toEqual(['owner=new', 'rack=r7']);
  const { series } = await hub.getJson<{ series: { points: unknown[] }[] }>(
    `/api/v1/query_range?metric=gpu_power_watts&select=uuid%3D${gpu}&from=${from}&to=${from + 120}&step=1`,
  );
  expect(series.flatMap((each) => each.points).length).toBeGreaterThan(1);
  expect((await claims()).reinstalled.filter((twin) => twin.newHost.id === newId)).toEqual([]);
});

test('two machines that look alike can be kept, and are not asked about again', async () => {
  const [oldId, newId] = [hostId('alike-old'), hostId('alike-new')];
  await push({
    id: oldId,
    hostname: 'alike',
    credential: await enroll(hub.url, token, 'alike', oldId),
    gpu: 'GPU-x',
    interval: 0.5,
  });
  await push({
    id: newId,
    hostname: 'alike',
    credential: await enroll(hub.url, token, 'alike', newId),
    gpu: 'GPU-y',
  });
  await eventually(() => isGone(oldId), { seconds: 10 });
  const twins = async () => (await claims()).reinstalled.filter((twin) => twin.oldHost.id === oldId);
  expect(await twins()).toMatchObject([{ hasSameName: true, sharedGpus: 0 }]);
  expect((await change('POST', `/api/v1/hosts/${newId}/keep-both`, { oldHost: oldId })).status).toBe(204);
  expect(await twins()).toEqual([]);
  await hub.kill();
  await hub.start();
  await eventually(() => isGone(oldId), { seconds: 10 });
  expect(await twins()).toEqual([]);
});

test('made-up credentials of many kinds are one claim of their address', async () => {
  const before = (await claims()).claims.length;
  for (let at = 0; at < 20; at += 1) {
    const credential = `gfa_${String(at).padStart(43, 'A')}`;
    const answer = await push({ id: hostId('nobody'), hostname: 'nobody', credential });
    expect(answer.status).toBe(401);
  }
  expect((await claims()).claims.length).toBeLessThanOrEqual(before + 1);
});

test('a real agent whose host was removed says what to do, keeps its readings, and a clone gets its own id', async () => {
  const stateFolder = join(temporaryFolder(cleanup, 'state'), 'state');
  const agent = await startPlayedAgent(cleanup, hub, {
    name: 'original',
    control: { recording: recordedHost('rtx3090x2') },
    stateFolder,
  });
  const played = async (name: string) =>
    (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?label=played%3D${name}`)).items;
  const original = await eventually(async () => {
    const [host] = await played('original');
    return host?.lastReportAt != null && host;
  });
  await agent.program.stop('SIGTERM');
  // A copy of the machine's identity, without the credential: what enrolling again does on a clone.
  const cloneFolder = join(temporaryFolder(cleanup, 'clone'), 'state');
  cpSync(stateFolder, cloneFolder, {
    recursive: true,
    filter: (source) => !source.endsWith('credential.json') && !source.endsWith('/lock'),
  });
  const clone = await startPlayedAgent(cleanup, hub, {
    name: 'clone',
    control: { recording: recordedHost('rtx3090x2') },
    stateFolder: cloneFolder,
  });
  await clone.program.seen(/belongs to another credential.*rm \S+host\.json \S+credential\.json/, 30);
  expect(await claimsOf(original.id)).toMatchObject([{ kind: 'same-id' }]);
  expect(JSON.parse(readFileSync(join(cloneFolder, 'host.json'), 'utf8'))).toEqual({ id: original.id });
  expect((await change('DELETE', `/api/v1/hosts/${original.id}/credential`)).status).toBe(204);
  // By itself it asks again within minutes; a restart asks at once.
  await clone.program.stop('SIGTERM');
  await startPlayedAgent(cleanup, hub, {
    name: 'clone',
    control: { recording: recordedHost('rtx3090x2') },
    stateFolder: cloneFolder,
  });
  await eventually(async () => (await played('clone'))[0]?.id === original.id);
});
