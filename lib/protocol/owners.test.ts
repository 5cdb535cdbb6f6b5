import { describe, expect, it } from 'vitest';
import type { Container, GpuUse, OwnedProcess, Owner } from '../model/index.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from './push-fixture.ts';
import { readPush } from './read-push.ts';

const id = 'a'.repeat(64);
const uuid = gpuFixture(0).uuid ?? '';
const time = '2026-11-23T12:00:00.000Z';
const oldUse: GpuUse = {
  gpuUuid: uuid,
  gpuInstanceId: null,
  computeInstanceId: null,
  usedMemoryBytes: 1024,
  smRatio: null,
  pids: [7],
};
const oldContainer: Container = {
  id,
  name: 'train',
  image: 'cuda:12',
  imageId: null,
  runtime: 'docker',
  state: 'running',
  startedAt: null,
  labels: {},
  cudaVersion: null,
  visibleDevices: null,
  requireCuda: null,
  namespace: null,
  pod: null,
  gpus: [oldUse],
};
const use: GpuUse = {
  ...oldUse,
  smRatio: 1.5,
  memoryRatio: 0.25,
  encoderRatio: 0,
  decoderRatio: null,
  sampledAt: time,
  sharesSampledAt: time,
};
const container: Container = {
  ...oldContainer,
  nameProblem: null,
  podUid: null,
  slurmJobId: null,
  uid: 0,
  person: { name: 'ana', from: 'label', isInferred: false },
  grant: {
    by: 'environment',
    all: false,
    count: null,
    devices: ['0', '9'],
    gpuUuids: [uuid],
    instances: [{ gpuUuid: uuid, gpuInstanceId: 1, computeInstanceId: 0 }],
    unresolved: ['9'],
  },
  deviceAccess: { state: 'denied', from: 'cgroup-v1', missing: ['/dev/nvidia0'], reason: null },
  start: {
    createdAt: time,
    command: 'python train.py',
    restartPolicy: 'no',
    ociRuntime: 'nvidia',
    isPrivileged: false,
    user: null,
    composeProject: null,
    composeService: null,
  },
  gpus: [use],
};
const owner: Owner = {
  key: 'slurm:211',
  kind: 'slurm',
  name: null,
  namespace: null,
  podUid: null,
  slurmJobId: '211',
  unit: null,
  uid: 1000,
  person: { name: 'ben', from: 'slurm', isInferred: false },
  nameProblem: 'no name',
  gpus: [use],
};
const process: OwnedProcess = {
  ...processFixture(7),
  ownerKey: id,
  memoryRatio: 0.1,
  encoderRatio: null,
  decoderRatio: null,
  uid: 1000,
  userName: 'ben',
  command: 'python train.py --token masked',
};
const accounting = {
  memory: { ownedBytes: 1024, remainderBytes: 0, overcountBytes: 3 },
  sm: { ownedRatio: 1.5, remainderRatio: 0, isOverlap: true },
  sharesSampledAt: null,
  sharesProblem: 'on MIG only memory is told',
};

const read = (value: unknown) => readPush(new TextEncoder().encode(JSON.stringify(value)));
const push = (containers: readonly Container[], owners?: readonly Owner[]) =>
  pushFixture({
    reports: [
      reportFixture({
        containers,
        ...(owners === undefined
          ? {}
          : { owners, gpus: [{ ...gpuFixture(0), accounting, processes: [process] }] }),
      }),
    ],
  });

describe('owners on the wire', () => {
  it('come back as they were sent', () => {
    const sent = push([container], [owner]);
    expect(read(sent)).toEqual({ outcome: 'read', value: sent });
  });

  it('an agent that tells none of it is still understood', () => {
    const sent = push([oldContainer]);
    expect(read(sent)).toEqual({ outcome: 'read', value: sent });
    expect(Object.keys(sent.reports[0]?.containers[0] ?? {})).not.toContain('person');
  });

  it.each([
    ['an owner without a key', [container], [{ ...owner, key: '' }], '/reports/0/owners/0/key'],
    ['a kind of tomorrow', [container], [{ ...owner, kind: 'vm' }], '/reports/0/owners/0/kind'],
    [
      'a negative share',
      [{ ...container, gpus: [{ ...use, memoryRatio: -1 }] }],
      [owner],
      '/reports/0/containers/0/gpus/0/memoryRatio',
    ],
  ])('%s is refused by its place', (_, containers, owners, pointer) => {
    expect(read(push(containers, owners as Owner[]))).toMatchObject({ errors: [{ pointer }] });
  });
});
