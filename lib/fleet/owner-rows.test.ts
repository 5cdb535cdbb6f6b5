import { expect, it } from 'vitest';
import type { Container } from '../model/index.ts';
import { gpuFixture, processFixture, reportFixture } from '../protocol/push-fixture.ts';
import { ownerRows } from './owner-rows.ts';

const place = { hostId: 'h', hostname: 'alpha', group: 'g', current: true, hostCudaVersion: null };
const gpu = gpuFixture(0);
const container: Container = {
  ...{ id: 'a'.repeat(64), name: 'a', image: null, imageId: null, runtime: 'docker', state: 'running' },
  ...{ startedAt: null, labels: {}, cudaVersion: null, visibleDevices: null, requireCuda: null },
  ...{ namespace: null, pod: null, gpus: [] },
  grant: {
    ...{ by: 'device-request' as const, all: false, count: null, devices: ['0'] },
    ...{ gpuUuids: [gpu.uuid ?? ''], instances: [], unresolved: [] },
  },
};

it.each<[string, Partial<typeof gpu>, boolean]>([
  ['not used by it, where its processes are told', { processes: [processFixture(1)] }, true],
  ['that works for nobody who is told, so nobody knows', {}, false],
  ['whose document could not be read, so nobody knows', { detailsMemoryUsedBytes: null }, false],
  ['that is lost', { processes: [processFixture(1)], state: 'lost' }, false],
])('a container was granted a GPU %s', (_, change, isGrantedIdle) => {
  const report = reportFixture({ gpus: [{ ...gpu, ...change }], containers: [container] });
  expect(ownerRows(report, place)).toMatchObject([{ grantedGpus: 1, isGrantedIdle }]);
});
