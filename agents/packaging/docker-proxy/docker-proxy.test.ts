import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endedListPath } from '../../collect/containers/ended.ts';
import { eventsPath } from '../../collect/containers/events.ts';
import { allowedRequest } from './allowed.ts';
import { run } from './index.ts';
import { type DockerProxy, startDockerProxy } from './proxy.ts';

const id = 'c'.repeat(64);

describe('what may be asked', () => {
  test.each([
    '/version',
    '/info',
    '/containers/json',
    `/containers/${id}/json`,
    '/v1.41/version',
    endedListPath,
    eventsPath(1_795_000_000.25, 1_795_000_010),
    '/images/nvcr.io/nvidia/pytorch:25.01-py3/json',
    `/images/sha256:${id}/json`,
  ])('GET %s is passed on', (path) => expect(allowedRequest('GET', path)?.path).toBe(path));

  test.each([
    ['POST', '/version'],
    ['HEAD', '/version'],
    ['get', '/version'],
    ['GET', '/containers/json?all=1'],
    ['GET', '/containers/json?filters={}'],
    ['GET', `/containers/${id}/logs`],
    ['GET', `/containers/${id}/archive`],
    ['GET', `/containers/${id}/../${id}/json`],
    ['GET', `/containers/${id.slice(1)}/json`],
    ['GET', `/containers/${id.toUpperCase()}/json`],
    ['GET', '/containers//json'],
    ['GET', '/v1.41/../containers/json'],
    ['GET', '/v1.9999/version'],
    ['GET', '//version'],
    ['GET', '/version/'],
    ['GET', '/version%2f..%2fimages'],
    ['GET', 'http://docker/version'],
    ['GET', '/images/json'],
    ['GET', '/images/../containers/json'],
    ['GET', '/images/a/../../secrets/json'],
    ['GET', '/images/cuda:12/history'],
    ['GET', '/images/cuda:12/json?manifests=1'],
    ['GET', `${endedListPath}&size=1`],
    ['GET', '/events?since=0&until=1'],
    ['GET', `${eventsPath(1, 2)}&filters={}`],
    ['GET', eventsPath(1, 2).replace('create', 'exec_create')],
    ['GET', '/secrets'],
    ['GET', '/events'],
    ['GET', ''],
    ['DELETE', `/containers/${id}`],
  ])('%s %s is not', (method, path) => expect(allowedRequest(method, path)).toBeNull());

  test('of a container nothing passes that may be a secret', () => {
    const answer = allowedRequest('GET', `/containers/${id}/json`)?.filter({
      Id: id,
      Name: '/train',
      Path: '/run.sh',
      Args: ['--password', 'hunter2'],
      Mounts: [{ Source: '/home/ada' }],
      Config: {
        Image: 'cuda:12',
        Cmd: ['hunter2'],
        Labels: { team: 'a' },
        Env: [
          'AWS_SECRET_ACCESS_KEY=hunter2',
          'CUDA_VERSION=12.4',
          'NVIDIA_VISIBLE_DEVICES=all',
          'XCUDA_VERSION=1',
          'NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-4',
          7,
        ],
      },
      HostConfig: {
        Runtime: 'nvidia',
        Binds: ['/home/ada:/data'],
        DeviceRequests: [{ Count: -1 }],
        Devices: [{ PathOnHost: '/dev/nvidia0', PathInContainer: '/hunter2' }],
      },
      State: { Status: 'exited', StartedAt: 't', Error: 'no GPU', ExitCode: 1, Health: { Log: ['hunter2'] } },
    });
    expect(answer).toEqual({
      Id: id,
      Name: '/train',
      Config: {
        Image: 'cuda:12',
        Labels: { team: 'a' },
        Env: ['CUDA_VERSION=12.4', 'NVIDIA_VISIBLE_DEVICES=all', 'NV_CUDA_COMPAT_PACKAGE=cuda-compat-12-4'],
      },
      HostConfig: {
        Runtime: 'nvidia',
        DeviceRequests: [{ Count: -1 }],
        Devices: [{ PathOnHost: '/dev/nvidia0' }],
      },
      State: { Status: 'exited', StartedAt: 't', Error: 'no GPU', ExitCode: 1 },
    });
  });
});

test('--help names all that may be asked', async () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await run(['--help'])).toBe(0);
  const help = written.mock.calls.join('');
  written.mockRestore();
  const named = [...help.matchAll(/(?<=[\s(])\/[\w/]+/g)]
    .map(([path]) => path)
    .filter((path) => !path.startsWith('/var'));
  expect(named).toEqual([
    '/version',
    '/info',
    '/containers/json',
    '/containers/ID/json',
    '/images/NAME/json',
    '/events',
  ]);
});

describe('of the environment passes', () => {
  const passed = (name: string): boolean => {
    const told = (path: string) =>
      JSON.stringify(allowedRequest('GET', path)?.filter({ Config: { Env: [`${name}=hunter2`] } }));
    const [container, image] = [told(`/containers/${id}/json`), told('/images/cuda:12/json')];
    expect(container).toBe(image);
    return container.includes('hunter2');
  };

  test.each([
    'CUDA_VERSION',
    'CUDA_DRIVER_VERSION',
    'NV_CUDA_CUDART_VERSION',
    'NV_CUDA_COMPAT_PACKAGE',
    'NVIDIA_VISIBLE_DEVICES',
    'NVIDIA_DRIVER_CAPABILITIES',
    'NVIDIA_REQUIRE_CUDA',
    'NVIDIA_DISABLE_REQUIRE',
    'NVIDIA_IMEX_CHANNELS',
    'NVIDIA_MIG_CONFIG_DEVICES',
    'NVIDIA_MIG_MONITOR_DEVICES',
  ])('%s', (name) => expect(passed(name)).toBe(true));

  test.each([
    'NVIDIA_API_KEY',
    'NVIDIA_NGC_TOKEN',
    'NV_CUDA_API_KEY',
    'NVIDIA_VISIBLE_DEVICES_TOKEN',
    'MY_NVIDIA_VISIBLE_DEVICES',
    'CUDA_API_KEY',
  ])('not %s', (name) => expect(passed(name)).toBe(false));
});

describe('the proxy', () => {
  let folder = '';
  let docker: Server | null = null;
  let proxy: DockerProxy | null = null;
  const dockerSocket = () => join(folder, 'docker.sock');
  const listenPath = () => join(folder, 'proxy.sock');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gf-proxy-'));
  });
  afterEach(async () => {
    await proxy?.close();
    docker?.closeAllConnections();
    docker?.close();
    [docker, proxy] = [null, null];
    rmSync(folder, { recursive: true });
  });
  const engine = async (listener: RequestListener) => {
    const server = createServer(listener);
    docker = server;
    await new Promise<void>((resolve) => server.listen(dockerSocket(), resolve));
  };
  const start = async () => {
    proxy = await startDockerProxy({ dockerSocket: dockerSocket(), listenPath: listenPath() });
  };
  const ask = (path: string, method = 'GET', headers: Record<string, string> = {}, body = '') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request({ socketPath: listenPath(), path, method, headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      asked.on('error', reject);
      asked.end(body);
    });

  test('asks Docker with a request of its own', async () => {
    const seen: unknown[] = [];
    await engine(({ method, url, headers }, response) => {
      seen.push({ method, url, headers: { ...headers, connection: undefined } });
      response.end('{"Version":"28.1","Secret":"x"}');
    });
    await start();
    expect(await ask('/version', 'GET', { 'x-registry-auth': 'evil', cookie: 'a=b' })).toEqual({
      status: 200,
      body: '{"Version":"28.1"}',
    });
    expect(seen).toEqual([{ method: 'GET', url: '/version', headers: { host: 'docker' } }]);
    expect(statSync(listenPath()).mode & 0o777).toBe(0o660);
  });

  test.each([
    ['POST', '/containers/create', ''],
    ['DELETE', '/version', ''],
    ['GET', '/version', '{"Image":"evil"}'],
  ])('%s %s with body %j never reaches Docker', async (method, path, body) => {
    let asked = 0;
    await engine((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    await start();
    const length = { 'content-length': `${body.length}` };
    expect((await ask(path, method, length, body)).status).toBe(403);
    expect(asked).toBe(0);
  });

  test('a connection cannot be turned into another', async () => {
    let asked = 0;
    await engine((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    await start();
    const socket = connect(listenPath());
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.write(
      'GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nPOST /containers/create HTTP/1.1\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received).not.toContain('101');
    expect(asked).toBe(0);
  });

  test.each<[string, RequestListener, number]>([
    ['says no', (_request, response) => response.writeHead(404).end('{}'), 404],
    ['hangs up', (incoming) => incoming.socket.destroy(), 502],
    ['is no JSON', (_request, response) => response.end('<html>'), 502],
  ])('a Docker that %s is told as such', async (_name, listener, status) => {
    await engine(listener);
    await start();
    expect((await ask('/version')).status).toBe(status);
  });

  test('no Docker is absent; a socket that is left over is replaced, one that is used is not', async () => {
    await start();
    expect((await ask('/version')).status).toBe(404);
    await expect(
      startDockerProxy({ dockerSocket: dockerSocket(), listenPath: listenPath() }),
    ).rejects.toThrow('another proxy listens there');
    await proxy?.close();
    writeFileSync(listenPath(), '');
    rmSync(listenPath());
    await start();
    expect((await ask('/version')).status).toBe(404);
  });
});
