import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { gpuFixture, processFixture } from '../../../lib/protocol/push-fixture.ts';
import { createLocalAccess } from '../../access/local/index.ts';
import { systemClock } from '../clock.ts';
import { createSource } from '../source.ts';
import { createContainers } from './index.ts';
import { isGranted, mergeContainers } from './merge.ts';
import { createTroubles } from './troubles.ts';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
const owned = (
  pid: number,
  usedMemoryBytes: number | null,
  containerId: string | null,
  instance: number | null,
) => ({
  ...processFixture(pid, containerId),
  usedMemoryBytes,
  smRatio: null,
  gpuInstanceId: instance,
  computeInstanceId: instance === null ? null : 0,
});

describe('what a container uses', () => {
  test('is the sum of its own processes, by GPU and instance', () => {
    const gpus = [
      {
        ...gpuFixture(0),
        uuid: 'GPU-1',
        processes: [
          owned(1, 100, id, null),
          owned(2, 50, id, null),
          owned(3, 7, other, null),
          owned(4, 9, null, null),
          owned(5, null, other, null),
        ],
      },
      {
        ...gpuFixture(1),
        uuid: 'GPU-2',
        processes: [owned(1, 5, id, 1), owned(1, 6, id, 2), owned(6, null, id, 2)],
      },
    ];
    const [first, second] = mergeContainers(gpus, new Map());
    expect(first).toMatchObject({ id, name: null });
    expect(first?.gpus).toEqual([
      use('GPU-1', null, 150, [1, 2]),
      use('GPU-2', 1, 5, [1]),
      use('GPU-2', 2, 6, [1, 6]),
    ]);
    expect(second?.gpus).toEqual([use('GPU-1', null, 7, [3, 5])]);
  });

  test('is null where the driver tells it for none', () => {
    const [container] = mergeContainers(
      [{ ...gpuFixture(0), processes: [owned(1, null, id, null)] }],
      new Map(),
    );
    expect(container?.gpus[0]?.usedMemoryBytes).toBeNull();
  });

  const use = (gpuUuid: string, instance: number | null, usedMemoryBytes: number | null, pids: number[]) => ({
    gpuUuid,
    gpuInstanceId: instance,
    computeInstanceId: instance === null ? null : 0,
    usedMemoryBytes,
    smRatio: null,
    pids,
  });
});

test.each([
  [{ HostConfig: { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] } }, null, true],
  [{ HostConfig: { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=0'] }] } }, null, true],
  [{ HostConfig: { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/net=0'] }] } }, null, false],
  [{ HostConfig: { Runtime: 'nvidia' } }, '0,1', true],
  [{ HostConfig: { Runtime: 'nvidia' } }, null, false],
  [{ HostConfig: { Runtime: 'nvidia' } }, 'void', false],
  [{ HostConfig: { Runtime: 'runc' } }, 'all', true],
  [{ HostConfig: { Runtime: 'runc' } }, null, false],
  ['nonsense', null, false],
])('granted GPUs: %j with %j is %j', (inspect, visibleDevices, expected) => {
  expect(isGranted(inspect, visibleDevices)).toBe(expected);
});

describe('the engine', () => {
  const servers: Server[] = [];
  const folder = (): string => mkdtempSync(join(tmpdir(), 'gf-engine-'));
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const serve = async (answer: RequestListener): Promise<string> => {
    const path = join(folder(), 'docker.sock');
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  };
  const ask = async (path: string, needed: string[] = []) => {
    const access = createLocalAccess();
    const source = createSource('docker', path, systemClock);
    const containers = createContainers({ access, socketPath: path, source });
    containers.need(needed);
    await containers.start();
    await containers.stop();
    await access.close();
    rmSync(join(path, '..'), { recursive: true, force: true });
    return { containers, status: source.status };
  };
  const inspect = {
    Id: id,
    Name: '/train',
    Config: { Image: 'cuda:12', Env: [] },
    State: { Status: 'running' },
  };

  test('gives names, asking for each container once', async () => {
    const asked: string[] = [];
    const path = await serve((request, response) => {
      asked.push(request.url ?? '');
      const answers: Record<string, unknown> = {
        '/version': { Version: '20.10.24' },
        '/containers/json': [{ Id: id, State: 'running' }],
        [`/containers/${id}/json`]: inspect,
      };
      response.end(JSON.stringify(answers[request.url ?? '']));
    });
    const { containers, status } = await ask(path);
    expect(status).toMatchObject({ state: 'ok', runs: 1, failures: 0 });
    expect(containers.engineVersion).toBe('20.10.24');
    expect(containers.known.get(id)?.facts).toMatchObject({
      name: 'train',
      image: 'cuda:12',
      state: 'running',
    });
    expect(asked.filter((url) => !url.includes('?'))).toEqual([
      '/version',
      '/containers/json',
      `/containers/${id}/json`,
    ]);
  });

  test.each<[string, RequestListener, string]>([
    ['says no', (_request, response) => response.writeHead(500).end(), 'failed'],
    ['is another program', (_request, response) => response.end('<html>'), 'failed'],
    ['hangs up', (request) => request.socket.destroy(), 'failed'],
    ['sends without end', (_request, response) => response.write('x'.repeat(9 * 1024 * 1024)), 'failed'],
  ])('one that %s is stated', async (_name, answer, state) => {
    const { status, containers } = await ask(await serve(answer));
    expect(status.state).toBe(state);
    expect(status.failure).not.toBeNull();
    expect(containers.known.size).toBe(0);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['hangs', () => undefined],
    ['is no container', (response) => response.end('{}')],
    ['is an error', (response) => response.writeHead(500).end()],
  ])('a container whose answer %s costs no other, and is asked again later', async (_name, answer) => {
    const ids = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64));
    const asked: string[] = [];
    const path = await serve((request, response) => {
      const url = request.url ?? '';
      asked.push(url);
      const named = ids.find((each) => url === `/containers/${each}/json`);
      if (url === '/version') response.end('{"Version":"28.0.0"}');
      else if (url.includes('?')) response.writeHead(404).end();
      else if (named === undefined) response.end(JSON.stringify(ids.map((Id) => ({ Id, State: 'running' }))));
      else if (named === ids[0]) answer(response);
      else response.end(JSON.stringify({ ...inspect, Id: named }));
    });
    const { containers, status } = await ask(path, ids);
    expect(status).toMatchObject({ state: 'ok', failures: 0 });
    expect(containers.engineVersion).toBe('28.0.0');
    expect([...containers.known.values()].map(({ facts }) => [facts.id, facts.state])).toEqual(
      ids.slice(1).map((each) => [each, 'running']),
    );
    expect(containers.problems).toMatchObject([{ field: 'docker:/containers/aaaaaaaaaaaa' }]);
    expect(asked.filter((url) => url.includes('aaa'))).toHaveLength(1);
  });

  test('one that is not there is absent', async () => {
    expect((await ask('/nonexistent/folder/docker.sock')).status).toMatchObject({
      state: 'absent',
      failures: 0,
    });
  });
});

test('a container in trouble is asked again ever more seldom, until it is gone', () => {
  let nowSeconds = 0;
  const troubles = createTroubles({ ...systemClock, monotonicSeconds: () => nowSeconds });
  const pauses = Array.from({ length: 7 }, () => {
    troubles.note(id, null);
    const from = nowSeconds;
    while (!troubles.isDue(id)) nowSeconds += 1;
    return nowSeconds - from;
  });
  expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300]);
  troubles.note(id, null);
  expect(troubles.isDue(other)).toBe(true);
  troubles.keep(new Set([other]));
  expect(troubles.isDue(id)).toBe(true);
  expect(troubles.problems).toEqual([]);
});
