import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerView, Page } from '../../lib/model/index.ts';
import { startContainerd } from './support/containerd.ts';
import { type CriPod, runPod } from './support/cri.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let hub: TestHub;
let pod: CriPod;
let ended: Record<'unstarted' | 'crashed' | 'done' | 'without' | 'running', string>;

const gpus = { NVIDIA_VISIBLE_DEVICES: 'all', CUDA_VERSION: '12.8.1', NVIDIA_REQUIRE_CUDA: 'cuda>=12.8' };

beforeAll(async () => {
  const [containerd, started] = await Promise.all([startContainerd(cleanup), startTestHub(cleanup)]);
  hub = started;
  const folder = temporaryFolder(cleanup, 'pod');
  pod = await runPod(cleanup, containerd, { folder, image: 'registry.k8s.io/pause:3.6', pod: 'llama-1' });
  const run = async (...command: [name: string, words: string[], variables?: Record<string, string>]) =>
    (await pod.run(...command)).id;
  const unstarted = await pod.run('unstarted', ['/opt/serve'], gpus);
  expect(unstarted.startError).toContain('/opt/serve');
  ended = {
    unstarted: unstarted.id,
    crashed: await run('crashed', ['/bin/sh', '-c', 'exit 3'], gpus),
    done: await run('done', ['/bin/sh', '-c', 'exit 0'], gpus),
    without: await run('without', ['/bin/sh', '-c', 'exit 3']),
    running: await run('running', ['/bin/sleep', '3600'], gpus),
  };
  await startPlayedAgent(cleanup, hub, {
    name: 'node',
    control: { recording: recordedHost('t4-cloud'), processes: [] },
    options: ['--containerd-socket', containerd.socket, '--podman-socket', 'none'],
  });
});

afterAll(() => cleanup.run());

const failed = async () => (await hub.getJson<Page<ContainerView>>('/api/v1/containers?state=failed')).items;

test('containers of a pod that did not start, or crashed at once, are listed with the runtime’s reason and a verdict', async () => {
  await eventually(async () => (await failed()).length >= 2, { seconds: 60, what: 'two that failed' });
  const told = new Map((await failed()).map((each) => [each.id, each]));
  expect([...told.keys()].sort()).toEqual([ended.unstarted, ended.crashed].sort());
  expect(told.get(ended.unstarted)).toMatchObject({
    ...{ name: 'unstarted', pod: 'llama-1', namespace: 'team-b', runtime: 'containerd' },
    cudaVersion: '12.8.1',
    exit: {
      exitCode: 128,
      error: expect.stringContaining('/opt/serve'),
      didStart: false,
      ranSeconds: null,
      reasonProblem: null,
    },
    compat: { verdict: expect.any(String) },
  });
  expect(told.get(ended.crashed)).toMatchObject({
    name: 'crashed',
    exit: { exitCode: 3, error: null, didStart: true, ranSeconds: expect.any(Number) },
  });
});
