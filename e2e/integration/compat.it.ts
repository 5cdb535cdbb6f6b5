import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CompatCheckAnswer,
  CompatView,
  ContainerVerdict,
  ContainerView,
  Page,
} from '../../lib/model/index.ts';
import { type DockerEngine, startDockerEngine } from './support/docker-engine.ts';
import { gpuHook } from './support/gpu-hook.ts';
import { ImageRegistry, registryReader } from './support/image-registry.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { runProgram } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let engine: DockerEngine;
let hub: TestHub;
let open: ImageRegistry;
let guarded: ImageRegistry;

const newer = { CUDA_VERSION: '12.8.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.8', NVIDIA_VISIBLE_DEVICES: 'all' };

beforeAll(async () => {
  [open, guarded] = await Promise.all([ImageRegistry.start(cleanup), ImageRegistry.start(cleanup, true)]);
  const authFile = join(temporaryFolder(cleanup, 'docker-config'), 'config.json');
  const auth = Buffer.from(`${registryReader.username}:${registryReader.password}`).toString('base64');
  writeFileSync(authFile, JSON.stringify({ auths: { [guarded.host]: { auth } } }));
  const registries = [open.host, guarded.host].flatMap((host) => ['--image-registry', host]);
  [engine, hub] = await Promise.all([
    startDockerEngine(cleanup, {
      takesGpus: true,
      runtimes: ['nvidia-cdi', 'nvidia-legacy'],
      hook: gpuHook,
    }),
    startTestHub(cleanup, { options: [...registries, '--image-registry-auth', authFile] }),
  ]);
  await engine.createImage('lab/native:1', { CUDA_VERSION: '12.2.2', NVIDIA_REQUIRE_CUDA: 'cuda>=12.2' });
  await engine.createImage('lab/newer:1', newer);
  await engine.createImage('lab/compat:1', { CUDA_VERSION: '12.8.1', NVIDIA_REQUIRE_CUDA: 'cuda>=9.0' }, [
    'usr/local/cuda-12.8/compat/libcuda.so.570.86.10',
    'usr/local/cuda-12.8/compat/libcuda.so.1',
  ]);
  await engine.runContainer('native', 'lab/native:1', ['--gpus', 'all']);
  await engine.runContainer('newer', 'lab/newer:1', ['--runtime', 'nvidia-cdi']);
  const visible = ['-e', 'NVIDIA_VISIBLE_DEVICES=all'];
  await engine.runContainer('compat', 'lab/compat:1', ['--runtime', 'nvidia-legacy', ...visible]);
  const refused = (name: string, ...more: string[]) =>
    engine.runContainer(name, 'lab/newer:1', ['--gpus', 'all', ...more]).catch(() => undefined);
  expect(await refused('refused')).toBeUndefined();
  const leave = [
    'run',
    '--rm',
    '--network',
    'none',
    '--name',
    'gone',
    '--gpus',
    'all',
    'lab/newer:1',
    'sleep',
    '1',
  ];
  await expect(engine.docker(...leave)).rejects.toThrow('unsatisfied condition');
  await startPlayedAgent(cleanup, hub, {
    name: 't4',
    dockerSocket: engine.socket,
    toolkitVersion: '1.17.8',
    control: { recording: recordedHost('t4-cloud'), processes: [] },
  });
  const areLookedInto = async () => {
    const all = await running();
    return all.length === 3 && all.every(({ cuda }) => cuda?.isLookedInto === true);
  };
  await eventually(async () => (await areLookedInto()) && (await failed()).length === 2, {
    seconds: 60,
    what: 'three containers that run and two that failed',
  });
});

afterAll(() => cleanup.run());

const containers = async (query: string) =>
  (await hub.getJson<Page<ContainerView>>(`/api/v1/containers?${query}`)).items;
const running = () => containers('limit=100');
const failed = () => containers('state=failed');
const ask = async (body: object) =>
  send(`${hub.url}/api/v1/compat/check`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${await hub.apiToken()}`,
      'content-type': 'application/json',
    },
  });
async function check(body: object): Promise<CompatCheckAnswer> {
  const { status, body: text } = await ask(body);
  expect(status, text.toString()).toBe(200);
  return JSON.parse(text.toString()) as CompatCheckAnswer;
}

describe('real containers on a played T4 host with driver 535.274.02', () => {
  test('each that runs has its verdict, by how it got its GPU', async () => {
    const told = (await running()).map(({ name, injection, compat }) => [
      name,
      injection?.way,
      compat?.verdict,
      compat?.way,
    ]);
    expect(told.sort()).toEqual([
      ['compat', 'runtime-legacy', 'runs-with-limits', 'forward-compat'],
      ['native', 'hook', 'runs', 'native'],
      ['newer', 'runtime-cdi', 'runs-with-limits', 'minor-version'],
    ]);
  });

  test('the compat package of an image is found in the running container', async () => {
    const compat = (await running()).find(({ name }) => name === 'compat');
    expect(compat?.cuda).toMatchObject({
      compat: { driverVersion: '570.86.10', from: '/usr/local/cuda-12.8/compat' },
      isLookedInto: true,
    });
  });

  test('one that failed to start stays listed with what the runtime said and why', async () => {
    const refused = (await failed()).find(({ name }) => name === 'refused');
    expect(refused?.exit).toMatchObject({ didStart: false, reasonProblem: null });
    expect(refused?.exit?.error).toContain('unsatisfied condition: cuda>=12.8');
    expect(refused?.compat?.verdict).toBe('refused-at-start');
    expect(refused?.compat?.errorText).toContain('unsatisfied condition: cuda>=12.8');
    const whole = await hub.getJson<ContainerVerdict>(
      `/api/v1/containers/${refused?.id}/compat?host=${refused?.hostId}`,
    );
    expect(whole.verdict.fixes.map(({ kind }) => kind)).toContain('driver');
  });

  test('of one that was removed as it failed, it is said that the runtime kept no reason', async () => {
    const gone = (await failed()).find(({ name }) => name === 'gone');
    expect(gone?.exit).toMatchObject({ error: null, didStart: false });
    expect(gone?.exit?.reasonProblem).toContain('--rm');
    expect(gone?.image).toBe('lab/newer:1');
  });

  test('the API and /metrics tell the same', async () => {
    const view = await hub.getJson<CompatView>('/api/v1/compat');
    expect(view.images.map(({ reference, running: now, failed: bad }) => [reference, now, bad])).toEqual([
      ['lab/compat:1', 1, 0],
      ['lab/native:1', 1, 0],
      ['lab/newer:1', 1, 2],
    ]);
    const series = (await hub.getText('/metrics'))
      .split('\n')
      .filter((line) => line.startsWith('gpufleet_container_compatible{'));
    const of = (name: string) => series.find((line) => line.includes(`container="${name}"`));
    expect(of('newer')).toMatch(/verdict="runs-with-limits"} 1$/);
    expect(of('refused')).toMatch(/verdict="refused-at-start"} 0$/);
  });
});

describe('an image is asked about', () => {
  test.each(['lab/native:1', 'docker.io/lab/native:1'])('that hosts have in use: %s', async (image) => {
    const answer = await check({ image });
    expect(answer.image?.from).toBe('fleet');
    expect(answer.hostsByVerdict.runs).toBe(1);
  });

  test('that only a registry has, with and without a sign-in', async () => {
    const environment = ['CUDA_VERSION=13.0.1', 'NVIDIA_REQUIRE_CUDA=cuda>=13.0'];
    for (const registry of [open, guarded]) {
      const digest = await registry.push('team/thirteen', '1', { environment });
      const answer = await check({ image: `${registry.host}/team/thirteen:1`, injection: 'hook' });
      expect(answer.image).toMatchObject({ from: 'registry', digest });
      expect(answer.container.cuda).toMatchObject({ version: '13.0.1', from: 'environment' });
      expect(answer.hostsByVerdict['refused-at-start']).toBe(1);
    }
  });

  test.each([
    ['a registry that nobody allowed', '127.0.0.1:1/team/image:1', 404],
    ['something that is no image', 'Team/Image', 422],
  ])('%s is refused', async (_name, image, status) => {
    expect((await ask({ image })).status).toBe(status);
  });

  test('by the command, whose exit code says it', async () => {
    const tokenFile = join(temporaryFolder(cleanup, 'token'), 'token');
    writeFileSync(tokenFile, await hub.apiToken());
    const command = async (...words: string[]) =>
      (
        await runProgram([
          process.execPath,
          ...['bin/gpufleet.js', 'check', ...words],
          ...['--hub', hub.url, '--token-file', tokenFile, '--json'],
        ])
      ).code;
    expect(await command('lab/native:1')).toBe(0);
    expect(await command('--require', 'cuda>=12.8', '--cuda', '12.8', '--injection', 'hook')).toBe(1);
  });
});
