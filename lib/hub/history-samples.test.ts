import { expect, it } from 'vitest';
import type { Container } from '../model/index.ts';
import { gpuFixture, processFixture, reportFixture } from '../protocol/push-fixture.ts';
import { historySamples } from './history-samples.ts';

const use = (gpuInstanceId: number, usedMemoryBytes: number | null, smRatio: number | null) => ({
  gpuUuid: 'GPU-1',
  gpuInstanceId,
  computeInstanceId: null,
  usedMemoryBytes,
  smRatio,
  pids: [],
});

const container = (gpus: Container['gpus']): Container => ({
  id: 'c1',
  name: 'c',
  image: null,
  imageId: null,
  runtime: 'docker',
  state: null,
  startedAt: null,
  labels: {},
  cudaVersion: null,
  visibleDevices: null,
  requireCuda: null,
  namespace: null,
  pod: null,
  gpus,
});

it('keeps what was told and invents nothing for what was not', () => {
  const gpu = { ...gpuFixture(0), fanRatio: null };
  const metrics = historySamples('h', reportFixture({ gpus: [gpu] })).map((sample) => sample.metric);
  expect(metrics).toContain('gpu_power_watts');
  expect(metrics).not.toContain('gpu_fan_ratio');
});

it('has nothing of a lost GPU', () => {
  expect(historySamples('h', reportFixture({ gpus: [{ ...gpuFixture(0), state: 'lost' }] }))).toEqual([]);
});

it('takes the instant or average power where the driver tells only that', () => {
  const power = { ...gpuFixture(0).power, drawWatts: null, averageWatts: 210 };
  const samples = historySamples('h', reportFixture({ gpus: [{ ...gpuFixture(0), power }] }));
  expect(samples.find((sample) => sample.metric === 'gpu_power_watts')?.value).toBe(210);
});

it('adds up a container’s instances on one GPU', () => {
  const gpus = [use(1, 100, null), use(2, 50, 0.25), use(3, null, 0.5)];
  expect(historySamples('h', reportFixture({ gpus: [], containers: [container(gpus)] }))).toEqual([
    { metric: 'container_gpu_memory_used_bytes', gpuUuid: 'GPU-1', containerId: 'c1', value: 150 },
    { metric: 'container_gpu_utilization_ratio', gpuUuid: 'GPU-1', containerId: 'c1', value: 0.75 },
  ]);
});

it('has no memory and no share of who was granted a GPU whose processes are not told', () => {
  const gpu = gpuFixture(0);
  const grant = {
    ...{ by: 'device-request' as const, all: false, count: null, devices: ['0'] },
    ...{ gpuUuids: [gpu.uuid ?? ''], instances: [], unresolved: [] },
  };
  const metricsOf = (processes: ReturnType<typeof processFixture>[]) =>
    historySamples(
      'h',
      reportFixture({ gpus: [{ ...gpu, processes }], containers: [{ ...container([]), grant }] }),
    ).flatMap(({ metric, containerId }) => (containerId === 'c1' ? [metric] : []));
  const account = ['owner_seconds', 'owner_granted_seconds', 'owner_energy_joules'];
  expect(metricsOf([])).toEqual(account);
  expect(metricsOf([processFixture(1)])).toEqual([
    'container_gpu_memory_used_bytes',
    'container_gpu_utilization_ratio',
    ...account,
  ]);
});

it('has a share of 0 of who holds a GPU that does nothing, where pmon tells none', () => {
  const base = gpuFixture(0);
  const on = [{ ...use(1, 100, null), gpuInstanceId: null, gpuUuid: base.uuid ?? '' }];
  const sharesAt = (gpuRatio: number) =>
    historySamples(
      'h',
      reportFixture({
        gpus: [{ ...base, processes: [processFixture(1)], utilization: { ...base.utilization, gpuRatio } }],
        containers: [container(on)],
      }),
    ).flatMap(({ metric, value }) => (metric === 'container_gpu_utilization_ratio' ? [value] : []));
  expect(sharesAt(0)).toEqual([0]);
  expect(sharesAt(0.3)).toEqual([]);
});
