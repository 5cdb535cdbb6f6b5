import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { ControlInput } from '../agents/access/simulated/player/control.ts';
import type { Page as ApiPage, ContainerView } from '../lib/model/index.ts';
import { type DockerEngine, startDockerEngine } from './integration/support/docker-engine.ts';
import { gpuHook } from './integration/support/gpu-hook.ts';
import { patience } from './integration/support/patience.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const intervalSeconds = 5;
/** Of each change. */
const threeIntervals = { timeout: 3 * intervalSeconds * 1000 * patience };
let hub: TestHub;
let engine: DockerEngine;
let agent: PlayedAgent;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

/** Of a T4 below driver 535.274.02: image, how it gets its GPU, and what its one process takes: MiB and percent. */
const plans: Readonly<Record<string, { image: string; options: string[]; uses: [number, number] | null }>> = {
  native: { image: 'lab/native:1', options: ['--gpus', 'all'], uses: [2048, 30] },
  newer: { image: 'lab/newer:1', options: ['--runtime', 'nvidia-cdi'], uses: [1024, 11] },
  idle: {
    image: 'lab/compat:1',
    options: ['--runtime', 'nvidia-legacy', '-e', 'NVIDIA_VISIBLE_DEVICES=all'],
    uses: null,
  },
};

async function control(): Promise<ControlInput> {
  const users = Object.entries(plans).map(async ([name, { uses }]) => {
    const listed = uses === null ? '' : await engine.docker('top', name, '-eo', 'pid,comm').catch(() => '');
    const pid = /^\s*(\d+)\s+sleep/m.exec(listed)?.[1];
    if (uses === null || pid === undefined) return [];
    return [{ gpu: 0, pid: Number(pid), name: 'python', usedMemoryMiB: uses[0], smPercent: uses[1] }];
  });
  return { recording: recordedHost('t4-cloud'), motion: false, processes: (await Promise.all(users)).flat() };
}

const containers = async (): Promise<readonly ContainerView[]> =>
  (await hub.getJson<ApiPage<ContainerView>>('/api/v1/containers?limit=100')).items;

test.beforeAll(async ({ browser }) => {
  [engine, hub] = await Promise.all([
    startDockerEngine(cleanup, {
      takesGpus: true,
      runtimes: ['nvidia-cdi', 'nvidia-legacy'],
      hook: gpuHook,
    }),
    startTestHub(cleanup, { withPages: true }),
  ]);
  const newer = { CUDA_VERSION: '12.8.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.8', NVIDIA_VISIBLE_DEVICES: 'all' };
  await engine.createImage('lab/native:1', { CUDA_VERSION: '12.2.2', NVIDIA_REQUIRE_CUDA: 'cuda>=12.2' });
  await engine.createImage('lab/newer:1', newer);
  await engine.createImage('lab/compat:1', { CUDA_VERSION: '12.8.1', NVIDIA_REQUIRE_CUDA: 'cuda>=9.0' }, [
    'usr/local/cuda-12.8/compat/libcuda.so.570.86.10',
    'usr/local/cuda-12.8/compat/libcuda.so.1',
  ]);
  for (const [name, { image, options }] of Object.entries(plans))
    await engine.runContainer(name, image, options);
  await expect(engine.runContainer('refused', 'lab/newer:1', ['--gpus', 'all'])).rejects.toThrow(
    'unsatisfied condition',
  );
  agent = await startPlayedAgent(cleanup, hub, {
    name: 't4',
    dockerSocket: engine.socket,
    toolkitVersion: '1.17.8',
    intervalSeconds,
    control: await control(),
    options: ['--containerd-socket', 'none', '--podman-socket', 'none'],
  });
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
  await eventually(
    async () => {
      const all = await containers();
      const areKnown = all.length === 3 && all.every(({ cuda }) => cuda?.isLookedInto === true);
      return areKnown && all.some(({ gpus }) => gpus[0]?.smRatio === 0.3);
    },
    { seconds: 60, what: 'three containers, looked into, with their shares' },
  );
});
test.afterAll(() => cleanup.run());

const rowOf = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

test('the open Containers page follows a real engine: memory and shares as printed, a rename, a stop and a start', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/containers`);
  await expect(rowOf(page, 'native')).toContainText('2.00 GiB');
  await expect(rowOf(page, 'native')).toContainText('30 %');
  await expect(rowOf(page, 'newer')).toContainText('1.00 GiB');
  await expect(rowOf(page, 'newer')).toContainText('11 %');
  await expect(rowOf(page, 'idle')).toContainText('given 1 GPU, not all used');

  await engine.docker('rename', 'native', 'renamed');
  await expect(rowOf(page, 'renamed')).toContainText('2.00 GiB', threeIntervals);
  await expect(rowOf(page, 'native')).toHaveCount(0);

  await engine.docker('stop', '-t', '0', 'newer');
  await agent.player.update(await control());
  await expect(rowOf(page, 'newer')).toHaveCount(0, threeIntervals);

  await engine.docker('start', 'newer');
  await agent.player.update(await control());
  await expect(rowOf(page, 'newer')).toContainText('1.00 GiB', threeIntervals);
  await context.close();
});

test('verdicts of a real engine’s containers stand on their pages, and of the one that did not start', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  const told = {
    renamed: ['runs', 'CUDA 12.2'],
    newer: ['runs, with limits', 'minor-version'],
    idle: ['runs, with limits', 'forward compatibility'],
  };
  for (const [name, all] of Object.entries(told)) {
    const { id, hostId } = (await containers()).find((one) => one.name === name) ?? {};
    await page.goto(`${hub.url}/containers/${hostId}/${id}`);
    for (const words of all) await expect(page.getByRole('main')).toContainText(words);
  }
  await page.goto(`${hub.url}/compat`);
  const failed = page.getByRole('row').filter({ hasText: 'refused on' });
  await expect(failed).toContainText('refused at start');
  await expect(failed).toContainText('unsatisfied condition: cuda>=12.8');
  await context.close();
});
