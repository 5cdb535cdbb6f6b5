import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { writeProto } from '../../../../lib/host-facts/index.ts';
import { createLocalAccess } from '../../../access/local/index.ts';
import { systemClock } from '../../clock.ts';
import { createSource } from '../../source.ts';
import { createKubeletGrants } from '../kubelet.ts';
import { createCrio } from './engine.ts';

const servers: Http2Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Answer = (stream: ServerHttp2Stream, path: string) => void;

/** A gRPC server of Node's own HTTP/2, on a socket. */
async function serve(answer: Answer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gf-grpc-'));
  folders.push(folder);
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    answer(stream, String(headers[':path']));
  });
  servers.push(server);
  const path = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

function reply(stream: ServerHttp2Stream, message: Uint8Array, status = '0', said = ''): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': said }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(status === '0' ? Buffer.concat([prefix, message]) : undefined);
}

const text = (message: Uint8Array): string => Buffer.from(message).toString('latin1');
/** A message within a message; ASCII throughout, so that it passes as a string. */
const nested = (...fields: [number, string | true][]): string => text(writeProto(fields));

describe("the kubelet's allocation", () => {
  const devices = (resource: string, ...ids: string[]): string =>
    nested([1, resource], ...ids.map((id): [number, string] => [2, id]));
  const listed = writeProto([
    [
      1,
      nested(
        [1, 'llama-0'],
        [2, 'team-a'],
        [3, nested([1, 'server'], [2, devices('nvidia.com/gpu', 'GPU-1', 'GPU-2')])],
      ),
    ],
    [1, nested([1, 'web'], [2, 'team-b'], [3, nested([1, 'front'], [2, devices('example.com/nic', 'n0')])])],
  ]);
  const grantsOf = async (path: string) => {
    const access = createLocalAccess();
    const source = createSource('kubelet', path, systemClock);
    const grants = createKubeletGrants(access, path, source);
    await grants.start();
    await grants.stop();
    await access.close();
    const of = (namespace: string, pod: string, container: string) =>
      grants.of({ namespace, pod, labels: { 'io.kubernetes.container.name': container } });
    return { of, status: source.status };
  };

  test('is by namespace, pod and container', async () => {
    const { of, status } = await grantsOf(await serve((stream) => reply(stream, listed)));
    expect(status.state).toBe('ok');
    expect(of('team-a', 'llama-0', 'server')).toMatchObject({
      by: 'kubernetes',
      devices: ['GPU-1', 'GPU-2'],
    });
    expect(of('team-b', 'web', 'front')).toBeNull();
    expect(of('team-a', 'llama-0', 'sidecar')).toBeNull();
  });

  test.each<[string, Answer, string, RegExp | null]>([
    ['refuses', (stream) => reply(stream, new Uint8Array(), '7', 'not%20you'), 'failed', /status 7 not you/],
    [
      'does not know the method',
      (stream) => reply(stream, new Uint8Array(), '12', 'unknown'),
      'absent',
      /unknown/,
    ],
    ['hangs up', (stream) => stream.session?.destroy(), 'failed', null],
    ['never answers', () => undefined, 'hung', /no answer within 2 s/],
    [
      'sends without end',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write(Buffer.alloc(9 * 1024 * 1024));
      },
      'failed',
      /too long/,
    ],
  ])('a server that %s is told as such', async (_, answer, state, message) => {
    const { status } = await grantsOf(await serve(answer));
    expect(status.state).toBe(state);
    if (message !== null) expect(status.failure?.message).toMatch(message);
  });

  test('none that is there is absent', async () => {
    expect((await grantsOf('/nonexistent/kubelet.sock')).status).toMatchObject({
      state: 'absent',
      failures: 0,
    });
  });
});

test('CRI-O tells names by list and the rest by status, each container once', async () => {
  const [id, other] = ['a'.repeat(64), 'b'.repeat(64)];
  const label = (key: string, value: string): [number, string] => [8, nested([1, key], [2, value])];
  const spec = {
    process: { args: ['serve', '--token', 'hunter2'], env: ['CUDA_VERSION=12.4.1', 'SECRET=hunter2'] },
  };
  const asked: string[] = [];
  const path = await serve((stream, method) => {
    asked.push(method);
    if (method.endsWith('ListContainers')) {
      const labels = [
        label('io.kubernetes.container.name', 'server'),
        label('io.kubernetes.pod.name', 'llama'),
      ];
      const running = nested([1, id], [4, nested([1, 'cuda:12'])], [6, true], ...labels);
      reply(stream, writeProto([[1, running]]));
      return;
    }
    const info = JSON.stringify({ pid: 42, runtimeSpec: spec });
    reply(stream, writeProto([[2, nested([1, 'info'], [2, info])]]));
  });
  const access = createLocalAccess();
  const source = createSource('crio', path, systemClock);
  const engine = createCrio({
    ...{ access, socketPath: path, source, commandLines: true, environment: true },
    injectionHost: async () => ({ toolkitVersion: null, toolkitMode: null, isModeKnown: true }),
  });
  engine.need([id, other]);
  await engine.start();
  await engine.stop();
  await access.close();
  expect(source.status).toMatchObject({ state: 'ok', failures: 0 });
  expect([...engine.known.keys()]).toEqual([id]);
  expect(engine.known.get(id)).toMatchObject({
    pid: 42,
    facts: {
      ...{
        name: 'server',
        pod: 'llama',
        image: 'cuda:12',
        runtime: 'crio',
        state: 'running',
        cudaVersion: '12.4.1',
      },
      start: { command: 'serve --token masked' },
    },
  });
  expect(JSON.stringify(engine.known.get(id))).not.toContain('hunter2');
  expect(asked).toEqual([
    '/runtime.v1.RuntimeService/ListContainers',
    '/runtime.v1.RuntimeService/ContainerStatus',
    // Those that ended are looked for at a pace of their own.
    '/runtime.v1.RuntimeService/ListContainers',
  ]);
});
