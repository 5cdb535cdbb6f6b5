import type {
  Container,
  GpuAccounting,
  GpuUse,
  Owner,
  Push,
  Report,
  ReportedGpu,
} from '../../lib/model/index.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { hostId } from '../integration/support/pusher.ts';

/** A host by hand with owners of several kinds on two GPUs, for tests of what becomes of them. */
export const ownedHostname = 'shared-1';
export const ownedGpus = ['GPU-shared-0', 'GPU-shared-1'] as const;
const gibibyte = 1024 ** 3;

export const containerId = (name: string): string =>
  Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);

const use = (
  gpuUuid: string,
  gibibytes: number,
  smRatio: number | null,
  at: string,
  pid: number,
): GpuUse => ({
  gpuUuid,
  gpuInstanceId: null,
  computeInstanceId: null,
  usedMemoryBytes: gibibytes * gibibyte,
  smRatio,
  pids: [pid],
  memoryRatio: smRatio === null ? null : smRatio / 2,
  encoderRatio: 0,
  decoderRatio: 0,
  sampledAt: at,
  sharesSampledAt: smRatio === null ? null : at,
});

function container(name: string, change: Partial<Container> & Pick<Container, 'gpus'>): Container {
  return {
    id: containerId(name),
    name,
    image: 'registry.example/vision/trainer:4.2',
    imageId: null,
    runtime: 'docker',
    state: 'running',
    startedAt: null,
    labels: {},
    cudaVersion: '12.8',
    visibleDevices: null,
    requireCuda: null,
    namespace: null,
    pod: null,
    nameProblem: null,
    person: { name: null, from: 'unknown', isInferred: false },
    grant: {
      by: 'device-request',
      all: false,
      count: null,
      devices: ['0'],
      gpuUuids: [ownedGpus[0]],
      instances: [],
      unresolved: [],
    },
    start: {
      createdAt: null,
      command: 'python train.py --token ***',
      restartPolicy: 'no',
      ociRuntime: 'runc',
      isPrivileged: false,
      user: null,
      composeProject: null,
      composeService: null,
    },
    ...change,
  };
}

const job = (at: string): Owner => ({
  key: 'slurm:4711',
  kind: 'slurm',
  name: 'sweep',
  namespace: null,
  podUid: null,
  slurmJobId: '4711',
  unit: null,
  uid: 1003,
  person: { name: 'carol', from: 'slurm', isInferred: false },
  nameProblem: null,
  gpus: [use(ownedGpus[1], 20, 0.7, at, 303)],
});

const ada = { name: 'ada', from: 'label', isInferred: false } as const;
const bob = { name: 'bob', from: 'home-mount', isInferred: true } as const;

const containersAt = (at: string, isGoneThere: boolean): readonly Container[] => [
  container('trainer', { person: ada, gpus: [use(ownedGpus[0], 30, 0.45, at, 101)] }),
  container('notebook', {
    person: bob,
    image: 'jupyter/base:2',
    gpus: [use(ownedGpus[0], 10, 0, at, 202)],
    namespace: 'research',
    pod: 'notebook-0',
  }),
  container('reserved', {
    image: 'jupyter/base:2',
    gpus: [],
    person: bob,
    grant: {
      by: 'device-request',
      all: false,
      count: null,
      devices: ['1'],
      gpuUuids: [ownedGpus[1]],
      instances: [],
      unresolved: [],
    },
  }),
  ...(isGoneThere ? [container('gone', { person: ada, gpus: [use(ownedGpus[0], 5, 0.2, at, 404)] })] : []),
];

const accounting = (change: Partial<GpuAccounting['sm']>, memory: GpuAccounting['memory'], at: string) => ({
  memory,
  sm: { ownedRatio: 0.45, remainderRatio: 0.15, isOverlap: false, ...change },
  sharesSampledAt: at,
  sharesProblem: null,
});

function gpusAt(at: string): readonly ReportedGpu[] {
  const gpu = (index: 0 | 1, gpuRatio: number, change: Partial<ReportedGpu>): ReportedGpu => {
    const base = gpuFixture(index);
    return {
      ...base,
      uuid: ownedGpus[index],
      utilization: { ...base.utilization, gpuRatio },
      sampledAt: at,
      detailsSampledAt: at,
      ...change,
    };
  };
  const process = (pid: number, name: string, gibibytes: number) => ({
    ...processFixture(pid, containerId(name)),
    usedMemoryBytes: gibibytes * gibibyte,
    ownerKey: containerId(name),
    command: `python ${name}.py --password ***`,
  });
  return [
    gpu(0, 0.6, {
      processes: [process(101, 'trainer', 30), process(202, 'notebook', 10)],
      detailsMemoryUsedBytes: 41 * gibibyte,
      accounting: accounting(
        {},
        { ownedBytes: 40 * gibibyte, remainderBytes: gibibyte, overcountBytes: 0 },
        at,
      ),
    }),
    gpu(1, 0.5, {
      processes: [
        {
          ...processFixture(303),
          usedMemoryBytes: 20 * gibibyte,
          owner: { runtime: 'slurm', containerId: null, podUid: null, slurmJobId: '4711', unit: null },
          ownerKey: 'slurm:4711',
        },
      ],
      detailsMemoryUsedBytes: 19 * gibibyte,
      accounting: accounting(
        { ownedRatio: 0.7, remainderRatio: 0, isOverlap: true },
        { ownedBytes: 20 * gibibyte, remainderBytes: 0, overcountBytes: gibibyte },
        at,
      ),
    }),
  ];
}

export interface OwnedReport {
  readonly sequence: number;
  readonly at: Date;
  readonly intervalSeconds: number;
  /** Whether the container that ends is there still. */
  readonly hasGone: boolean;
}

function reportAt({ sequence, at, intervalSeconds, hasGone }: OwnedReport): Report {
  const takenAt = at.toISOString();
  return reportFixture({
    sequence,
    takenAt,
    ageSeconds: null,
    intervalSeconds,
    gpus: gpusAt(takenAt),
    containers: containersAt(takenAt, hasGone),
    owners: [job(takenAt)],
  });
}

/** A push of such reports, the newest first. */
export function ownedPush(reports: readonly OwnedReport[]): Push {
  return pushFixture({
    host: { id: hostId(ownedHostname), hostname: ownedHostname, labels: { group: 'lab' } },
    sentAt: new Date().toISOString(),
    reports: [...reports].sort((a, b) => b.sequence - a.sequence).map(reportAt),
  });
}

export const crowdedHostname = 'crowded-1';

/** A push of another host, with so many containers: a list that is longer than any window. */
export function crowdedPush(count: number): Push {
  const takenAt = new Date().toISOString();
  return pushFixture({
    host: { id: hostId(crowdedHostname), hostname: crowdedHostname, labels: { group: 'crowd' } },
    sentAt: takenAt,
    reports: [
      reportFixture({
        takenAt,
        intervalSeconds: 3600,
        containers: Array.from({ length: count }, (_, index) =>
          container(`job-${index}`, { gpus: [use(ownedGpus[0], 1, 0.1, takenAt, 1000 + index)] }),
        ),
        owners: [],
      }),
    ],
  });
}
