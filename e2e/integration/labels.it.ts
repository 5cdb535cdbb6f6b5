import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerView, GpuDetail, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { openEventStream } from './support/event-stream.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { type Answer, enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let admin: string;
let fleetFile: string;
const credentials = new Map<string, string>();
let sequence = 0;

async function report(name: string, labels: Record<string, string> = {}): Promise<void> {
  const credential = credentials.get(name) ?? (await enroll(hub.url, await hub.enrollmentToken(), name));
  credentials.set(name, credential);
  sequence += 1;
  const at = new Date().toISOString();
  const gpu = { ...gpuFixture(0), uuid: `GPU-${name}`, sampledAt: at };
  const push = pushFixture({
    host: { id: hostId(name), hostname: name, labels },
    sentAt: at,
    reports: [reportFixture({ takenAt: at, sequence, intervalSeconds: 3600, gpus: [gpu] })],
  });
  const answer = await pushOnce(hub.url, push, { credential });
  expect(answer.status, answer.body).toBe(202);
}

const put = (path: string, body: unknown, secret = admin): Promise<Answer> =>
  send(`${hub.url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const detail = (name: string) => hub.getJson<HostDetail>(`/api/v1/hosts/${hostId(name)}`);
const labelsOf = async (name: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await detail(name)).labels.map(({ key, value, source }) => [key, `${value} ${source}`]),
  );
const namesOf = async (query: string): Promise<string[]> =>
  (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?${query}`)).items.map((host) => host.hostname);
const infoOf = async (name: string): Promise<string> =>
  (await hub.getText('/metrics'))
    .split('\n')
    .find((line) => line.startsWith('gpufleet_host_info{') && line.includes(`host="${name}"`)) ?? '';

beforeAll(async () => {
  fleetFile = join(temporaryFolder(cleanup, 'fleet'), 'fleet.yaml');
  writeFileSync(fleetFile, 'hosts:\n  declared-*: { labels: { group: declared, site: zurich } }\n');
  hub = await startTestHub(cleanup, { options: ['--fleet-file', fleetFile] });
  admin = await hub.apiToken('admin');
  await report('declared-1', { site: 'agent', rack: 'a1' });
  await report('plain-1', { rack: 'a1' });
  await report('plain-2', { rack: 'b2' });
});

describe('labels', () => {
  test('of the agent, the hub and the fleet file are one list, the strongest of each key counts', async () => {
    const body = { hosts: [hostId('declared-1')], set: { rack: 'c3', owner: 'lab' } };
    expect(JSON.parse((await put('/api/v1/labels', body)).body)).toEqual({ changed: 1 });
    expect(await labelsOf('declared-1')).toEqual({
      group: 'declared fleet-file',
      owner: 'lab hub',
      rack: 'c3 hub',
      site: 'zurich fleet-file',
    });
    expect(await detail('declared-1')).toMatchObject({
      group: 'declared',
      hiddenLabels: [
        { key: 'rack', value: 'a1', source: 'agent' },
        { key: 'site', value: 'agent', source: 'agent' },
      ],
    });
  });

  test('edited on several hosts show at once in list, stream and metrics, and outlive a restart', async () => {
    const stream = await openEventStream(cleanup, `${hub.url}/api/v1/stream?topics=fleet`, {
      authorization: `Bearer ${admin}`,
    });
    const hosts = [hostId('plain-1'), hostId('plain-2')];
    const answer = await put('/api/v1/labels', { hosts, set: { group: 'edited', note: 'a "b" ü' } });
    expect(JSON.parse(answer.body)).toEqual({ changed: 2 });
    expect(await namesOf('group=edited')).toEqual(['plain-1', 'plain-2']);
    expect(await infoOf('plain-1')).toContain('group="edited"');
    expect(await infoOf('plain-1')).toContain('label_note="a \\"b\\" ü"');
    await stream.next(({ frame }) => JSON.stringify(frame).includes('"group":"edited"'), { seconds: 5 });
    await hub.kill();
    await hub.start();
    expect(await labelsOf('plain-2')).toMatchObject({ group: 'edited hub' });
    // What the agent says next does not undo what a person said.
    await report('plain-2', { rack: 'b2' });
    expect(await labelsOf('plain-2')).toMatchObject({ group: 'edited hub', rack: 'b2 agent' });
    const removed = await put('/api/v1/labels', { hosts, remove: ['note'] });
    expect(JSON.parse(removed.body)).toEqual({ changed: 2 });
    const whole = await put(`/api/v1/hosts/${hostId('plain-2')}/labels`, { labels: { group: 'other' } });
    expect([whole.status, await namesOf('group=other')]).toEqual([200, ['plain-2']]);
    expect(await infoOf('plain-1')).not.toContain('label_note');
  });

  test('that the fleet file sets are refused for all hosts of an edit, and said why', async () => {
    const hosts = [hostId('plain-1'), hostId('declared-1')];
    const answer = await put('/api/v1/labels', { hosts, set: { site: 'basel' } });
    expect(answer.status).toBe(409);
    expect(answer.body).toContain(`The fleet file sets site of declared-1: change it in ${fleetFile}`);
    expect(await labelsOf('plain-1')).not.toHaveProperty('site');
  });

  test.each([
    [{ set: { '9x': 'a' } }, '/set/9x', 'must begin with a letter'],
    [{ set: { rack: 'a\nb' } }, '/set/rack', 'line break'],
    [{ set: { rack: 'x'.repeat(256) } }, '/set/rack', 'longer than 255'],
    [{ set: { ['k'.repeat(64)]: 'x' } }, `/set/${'k'.repeat(64)}`, 'longer than 63'],
    [{ set: { rack: 'a' }, remove: ['rack'] }, '/remove', 'both set and removed'],
    [{ set: { rack: 1 } }, '/set/rack', ''],
    [{ sett: {} }, '', ''],
  ])('as in %j are refused with a pointer', async (edit, pointer, words) => {
    const answer = await put('/api/v1/labels', { hosts: [hostId('plain-1')], ...edit });
    expect(answer.status, answer.body).toBe(422);
    const { errors } = JSON.parse(answer.body) as { errors: { pointer: string; detail: string }[] };
    expect(errors[0]?.pointer).toBe(pointer);
    expect(errors[0]?.detail).toContain(words);
  });

  test('edited twice at once both count', async () => {
    const hosts = [hostId('plain-1')];
    await Promise.all(
      ['one', 'two', 'three'].map((key) => put('/api/v1/labels', { hosts, set: { [key]: 'x' } })),
    );
    expect(await labelsOf('plain-1')).toMatchObject({ one: 'x hub', two: 'x hub', three: 'x hub' });
  });

  test('of no host are refused, and an operator may not', async () => {
    expect((await put('/api/v1/labels', { hosts: ['nobody-here'], set: { a: 'b' } })).status).toBe(404);
    const operator = await hub.apiToken('operator');
    const body = { hosts: [hostId('plain-1')], set: { a: 'b' } };
    expect((await put('/api/v1/labels', body, operator)).status).toBe(403);
  });
});

describe('filters', () => {
  beforeAll(async () => {
    await report('filter-1', { rack: 'r1', tier: 'gold', group: 'train' });
    await report('filter-2', { rack: 'r2', tier: 'gold', group: 'train' });
    await report('filter-3', { rack: 'r1', tier: 'iron', group: 'serve' });
  });

  test.each([
    ['label=rack%3Dr1', ['filter-1', 'filter-3']],
    ['label=rack%3Dr1&label=rack%3Dr2', ['filter-1', 'filter-2', 'filter-3']],
    ['label=rack%3Dr1&label=tier%3Dgold', ['filter-1']],
    ['label=tier', ['filter-1', 'filter-2', 'filter-3']],
    ['group=train&group=serve', ['filter-1', 'filter-2', 'filter-3']],
    ['group=train&label=rack%3Dr2', ['filter-2']],
    ['group=serve&q=tier%3Diron', ['filter-3']],
    ['label=rack%3D', []],
  ])('%s gives the same hosts everywhere', async (query, names) => {
    expect(await namesOf(query)).toEqual(names);
    const gpus = await hub.getJson<Page<GpuDetail>>(`/api/v1/gpus?${query}`);
    expect([...new Set(gpus.items.map((gpu) => gpu.hostname))]).toEqual(names);
    expect(await hub.getJson<Page<ContainerView>>(`/api/v1/containers?${query}`)).toMatchObject({ total: 0 });
  });

  test('are offered with their counts', async () => {
    const offered = await hub.getJson<{
      groups: { value: string; hosts: number; gpus: number }[];
      labels: { key: string; values: { value: string; hosts: number; gpus: number }[] }[];
      fleetFile: { path: string; fault: unknown };
    }>('/api/v1/labels');
    expect(offered.groups).toContainEqual({ value: 'train', hosts: 2, gpus: 2 });
    expect(offered.labels.find((label) => label.key === 'tier')?.values).toEqual([
      { value: 'gold', hosts: 2, gpus: 2 },
      { value: 'iron', hosts: 1, gpus: 1 },
    ]);
    expect(offered.fleetFile).toMatchObject({ path: fleetFile, fault: null });
  });
});

test('a real agent tells where its labels come from, and the fleet file follows its name', async () => {
  const folder = temporaryFolder(cleanup, 'labels');
  const labelsFile = join(folder, 'labels.yaml');
  writeFileSync(labelsFile, 'rack: from-file\n');
  await startPlayedAgent(cleanup, hub, {
    name: 'labelled',
    control: { recording: recordedHost('rtx3090x2') },
    options: ['--label', 'rack=from-flag', '--labels-file', labelsFile],
  });
  const mine = async () =>
    (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?label=played%3Dlabelled')).items[0];
  const labels = await eventually(async () => {
    const all = (await mine())?.labels;
    return all?.some((label) => label.source === 'labels-file') && all;
  });
  expect(labels).toEqual([
    { key: 'played', value: 'labelled', source: 'agent' },
    { key: 'rack', value: 'from-file', source: 'labels-file' },
  ]);
  const id = (await mine())?.id ?? '';
  writeFileSync(labelsFile, 'rack: [a]\n');
  const problem = await eventually(
    async () =>
      (await hub.getJson<HostDetail>(`/api/v1/hosts/${id}`)).problems.find((each) => each.field === 'labels'),
    { seconds: 20 },
  );
  expect(problem).toEqual({
    field: 'labels',
    text: `${labelsFile}:1`,
    message: 'the value of rack must be plain text',
  });
  writeFileSync(fleetFile, `hosts:\n  ${id}: { labels: { rack: from-fleet-file } }\n`);
  await eventually(async () =>
    (await mine())?.labels.some(
      (label) => label.source === 'fleet-file' && label.value === 'from-fleet-file',
    ),
  );
  expect(await labelsOf('declared-1')).not.toHaveProperty('group');
  writeFileSync(fleetFile, `hosts:\n  ${id}: { labels: { 7: x } }\n`);
  const { fault } = await eventually(async () => {
    const { fleetFile: view } = await hub.getJson<{ fleetFile: { fault: { lines: string[] } | null } }>(
      '/api/v1/labels',
    );
    return view.fault !== null && { fault: view.fault };
  });
  expect(fault.lines).toEqual([expect.stringMatching(/fleet\.yaml:2:\d+: .*must begin with a letter/)]);
  expect((await mine())?.labels).toContainEqual({
    key: 'rack',
    value: 'from-fleet-file',
    source: 'fleet-file',
  });
});
