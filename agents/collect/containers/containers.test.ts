import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseDockerContainer } from '../../../lib/host-facts/index.ts';
import type { AskedGrant } from '../../../lib/model/index.ts';
import { createLocalAccess } from '../../access/local/index.ts';
import { systemClock } from '../clock.ts';
import { createSource } from '../source.ts';
import { createContainers } from './index.ts';
import { createTroubles } from './troubles.ts';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
test.each<[object, Partial<AskedGrant> | null]>([
  [
    { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] },
    { by: 'device-request', all: true },
  ],
  [
    { DeviceRequests: [{ Driver: '', Count: 2, Capabilities: [['gpu']] }] },
    { by: 'device-request', count: 2 },
  ],
  [
    { DeviceRequests: [{ Driver: 'nvidia', Count: 0, DeviceIDs: ['1', 'GPU-2'] }] },
    { by: 'device-request', devices: ['1', 'GPU-2'], count: null },
  ],
  [{ DeviceRequests: [{ Driver: 'x', Count: 1, Capabilities: [['tpu']] }] }, null],
  [
    { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=0', 'nvidia.com/gpu=0:1'] }] },
    { by: 'cdi', devices: ['nvidia.com/gpu=0', 'nvidia.com/gpu=0:1'], all: false },
  ],
  [{ DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=all'] }] }, { by: 'cdi', all: true }],
  [{ DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/net=0'] }] }, null],
  [
    { Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=0,1' },
    { by: 'environment', devices: ['0', '1'] },
  ],
  [
    { Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=all' },
    { by: 'environment', all: true },
  ],
  [{ Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=3' }, { devices: ['nvidia.com/gpu=3'] }],
  [{ Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=0:1,MIG-1' }, { devices: ['0:1', 'MIG-1'] }],
  [{ Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=void' }, null],
  [{ Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=none' }, null],
  [{ Runtime: 'nvidia', env: 'NVIDIA_VISIBLE_DEVICES=' }, null],
  [{ Runtime: 'nvidia' }, null],
  // The variable of NVIDIA's images does nothing where their runtime does not read it.
  [{ Runtime: 'runc', env: 'NVIDIA_VISIBLE_DEVICES=all' }, null],
  [
    { Runtime: 'runc', Devices: [{ PathOnHost: '/dev/nvidiactl' }, { PathOnHost: '/dev/nvidia3' }] },
    { by: 'device-nodes', devices: ['/dev/nvidia3'] },
  ],
  [
    { create: ['podman', 'run', '--device', 'nvidia.com/gpu=1', 'x'] },
    { by: 'cdi', devices: ['nvidia.com/gpu=1'] },
  ],
  [{ create: ['podman', 'run', '--device=nvidia.com/gpu=all', 'x'] }, { by: 'cdi', all: true }],
  [{ create: ['podman', 'run', '--device', '/dev/fuse', 'x'] }, null],
  [{}, null],
])('what was asked for by %j is %j', (host, expected) => {
  const { env, create, ...HostConfig } = host as Record<string, unknown>;
  const Config = { Env: env === undefined ? [] : ['NVIDIA_VISIBLE_DEVICES=9', env], CreateCommand: create };
  const { asked } = parseDockerContainer({ Id: id, HostConfig, Config });
  if (expected === null) expect(asked).toBeNull();
  else expect(asked).toMatchObject(expected);
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
