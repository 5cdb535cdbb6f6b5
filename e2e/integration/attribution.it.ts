import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerView, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { type DockerEngine, type StartedContainer, startDockerEngine } from './support/docker-engine.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let engine: DockerEngine;
let hub: TestHub;
let agent: PlayedAgent;
let hostId: string;
const started: Record<string, StartedContainer> = {};
const mebibyte = 1024 * 1024;

/** Name, image and CUDA version of three containers, and what they use: GPU index to MiB. */
const containers = [
  { name: 'trainer', image: 'example/train:1.2', cuda: '12.4.1', uses: { 1: 40_000, 2: 41_000 } },
  { name: 'notebook', image: 'example/notebook:7', cuda: '11.8.0', uses: { 2: 3000 } },
  { name: 'server', image: 'example/serve:latest', cuda: '13.0.0', uses: { 3: 60_000 } },
] as const;
/** A process of the machine itself, on GPU 3 beside the server. */
const loose = { gpu: 3, usedMemoryMiB: 512 };

beforeAll(async () => {
  [engine, hub] = await Promise.all([startDockerEngine(cleanup), startTestHub(cleanup)]);
  for (const { name, image, cuda } of containers) {
    await engine.createImage(image, { CUDA_VERSION: cuda, NVIDIA_REQUIRE_CUDA: `cuda>=${cuda.slice(0, 4)}` });
    started[name] = await engine.runContainer(name, image, ['-e', 'NVIDIA_VISIBLE_DEVICES=all']);
  }
  const processes = containers.flatMap(({ name, uses }) =>
    Object.entries(uses).map(([gpu, usedMemoryMiB]) => ({
      gpu: Number(gpu),
      pid: started[name]!.pid,
      name: `python ${name}.py`,
      usedMemoryMiB,
      smPercent: 50,
    })),
  );
  agent = await startPlayedAgent(cleanup, hub, {
    name: 'h100',
    dockerSocket: engine.socket,
    control: {
      recording: recordedHost('h100x8-mig'),
      processes: [...processes, { ...loose, pid: process.pid, name: 'node' }],
      set: Object.fromEntries(
        [1, 2, 3].map((gpu) => [gpu, { 'memory.used': [0, 40_000, 44_000, 60_512][gpu] ?? 0 }]),
      ),
    },
  });
  const found = await eventually(
    async () => {
      const page = await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=played%3Dh100');
      return page.items.find((host) => host.state === 'ok' && host.containerCount === 3);
    },
    { seconds: 60, what: 'the host with three containers' },
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${agent.program.output()}`);
  });
  hostId = found.id;
});

afterAll(() => cleanup.run());

describe('the real agent on a played 8×H100 host with three real containers', () => {
  test.each(containers)(
    '$name is told by name, image and CUDA version',
    async ({ name, image, cuda, uses }) => {
      const page = await hub.getJson<Page<ContainerView>>('/api/v1/containers?limit=100');
      const mine = page.items.filter((container) => container.name === name);
      expect(mine).toHaveLength(1);
      const [container] = mine;
      expect(container).toMatchObject({
        id: started[name]!.id,
        image,
        cudaVersion: cuda,
        runtime: 'docker',
        visibleDevices: 'all',
        requireCuda: `cuda>=${cuda.slice(0, 4)}`,
        hostId,
        current: true,
      });
      const byGpu = container!.gpus.map((use) => [use.gpuIndex, use.usedMemoryBytes, use.pids]);
      expect(byGpu.sort()).toEqual(
        Object.entries(uses).map(([gpu, mib]) => [Number(gpu), mib * mebibyte, [started[name]!.pid]]),
      );
    },
  );

  test('each process belongs to its container, and to no other', async () => {
    const host = await hub.getJson<HostDetail>(`/api/v1/hosts/${hostId}`);
    expect(host.gpus).toHaveLength(8);
    const owners = host.gpus.flatMap((gpu) =>
      gpu.processes.map((each) => [gpu.index, each.pid, each.owner?.containerId ?? null]),
    );
    const expected = containers.flatMap(({ name, uses }) =>
      Object.keys(uses).map((gpu) => [Number(gpu), started[name]!.pid, started[name]!.id]),
    );
    expect(owners.sort()).toEqual([...expected, [loose.gpu, process.pid, null]].sort());
  });

  test('what belongs to no container has an owner of its own, and nothing is left over', async () => {
    const host = await hub.getJson<HostDetail>(`/api/v1/hosts/${hostId}`);
    const uses = host.owners.flatMap(({ gpus }) => gpus);
    expect(uses).toMatchObject([{ usedMemoryBytes: loose.usedMemoryMiB * mebibyte, pids: [process.pid] }]);
    const gpu = host.gpus.find((each) => each.index === loose.gpu);
    expect(gpu?.unattributed).toMatchObject({ usedMemoryBytes: 0, overcountBytes: 0, pids: [] });
    const taken = host.gpus.find((each) => each.index === 1);
    expect(taken?.unattributed).toMatchObject({ usedMemoryBytes: 0, pids: [] });
  });

  test('/metrics gives the same owners', async () => {
    const text = await hub.getText('/metrics');
    const series = text
      .split('\n')
      .filter((line) => line.startsWith('gpufleet_container_gpu_memory_used_bytes{'));
    for (const { name, image, uses } of containers)
      for (const [gpu, mib] of Object.entries(uses)) {
        const mine = series.filter(
          (line) => line.includes(`gpu="${gpu}"`) && line.includes(`container="${name}"`),
        );
        expect(mine).toHaveLength(1);
        expect(mine[0]).toContain(`image="${image}"`);
        expect(mine[0]!.endsWith(` ${mib * mebibyte}`)).toBe(true);
      }
    // Four of containers, and the loose process under its user.
    expect(series).toHaveLength(5);
  });

  test('a container that stops is gone from its GPU, and its memory with it', async () => {
    await engine.docker('rm', '-f', 'notebook');
    await agent.player.update({
      recording: recordedHost('h100x8-mig'),
      processes: [{ gpu: 1, pid: started['trainer']!.pid, name: 'python', usedMemoryMiB: 40_000 }],
    });
    await eventually(
      async () => {
        const host = await hub.getJson<HostDetail>(`/api/v1/hosts/${hostId}`);
        return host.containers.every((container) => container.name !== 'notebook') && host;
      },
      { seconds: 45, what: 'the notebook to be gone' },
    );
  });
});
