import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container, ContainerGrant, Person, ProcessOwner, ReportedGpu } from '../model/index.ts';
import { gpuFixture, processFixture } from '../protocol/push-fixture.ts';
import {
  gpuAccounting,
  grantFindings,
  ownerPlace,
  type PersonFacts,
  personOf,
  resolveGrant,
  usesByOwner,
} from './index.ts';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
const noOwner: ProcessOwner = {
  runtime: null,
  containerId: null,
  podUid: null,
  slurmJobId: null,
  unit: null,
};

describe('what a process counts for', () => {
  it.each<[Partial<ProcessOwner> | null, number | null, number | null, string]>([
    [{ runtime: 'docker', containerId: id, podUid: 'p' }, 0, null, id],
    [{ runtime: 'kubernetes', podUid: 'p' }, 0, null, 'pod:p'],
    [{ runtime: 'slurm', slurmJobId: '7' }, 1000, null, 'slurm:7'],
    [{ runtime: 'podman', containerId: id, slurmJobId: '7' }, 1000, null, id],
    [{ runtime: 'systemd', unit: 'ollama.service' }, 0, null, 'unit:ollama.service'],
    [{ runtime: 'user', unit: 'session-3.scope' }, 1000, 1001, 'user:1001'],
    [{ runtime: 'user' }, 1000, null, 'user:1000'],
    [{}, 0, null, 'user:0'],
    [{ runtime: 'unknown' }, null, null, 'process:5'],
    [null, null, null, 'process:5'],
  ])('%j of user %j (cgroup %j) is %s', (owner, uid, cgroupUid, key) =>
    expect(ownerPlace({ pid: 5, owner: owner && { ...noOwner, ...owner }, uid, cgroupUid }).key).toBe(key),
  );
});

describe('the person', () => {
  const nobody: PersonFacts = {
    labels: {},
    ownerLabel: 'gpufleet.owner',
    slurmJobId: null,
    uid: 0,
    cgroupUid: null,
    isContainer: true,
    mountSources: [],
    userName: (uid) => ({ 0: 'root', 1000: 'ana', 1001: 'ben' })[uid] ?? null,
  };
  const compose = { 'com.docker.compose.project': 'demo' };
  it.each<[string, Partial<PersonFacts>, string | null, Person['from'], boolean]>([
    ['a label', { labels: { 'gpufleet.owner': ' eve ' }, uid: 1000 }, 'eve', 'label', false],
    [
      'another label',
      { labels: { team: 'x', 'gpufleet.owner': 'eve' }, ownerLabel: 'team' },
      'x',
      'label',
      false,
    ],
    [
      'an empty label',
      { labels: { 'gpufleet.owner': ' ' }, mountSources: ['/home/ben'] },
      'ben',
      'home-mount',
      true,
    ],
    ['a Slurm job', { slurmJobId: '7', uid: 1000 }, 'ana', 'slurm', false],
    ['a Slurm job by its cgroup', { slurmJobId: '7', uid: 0, cgroupUid: 1001 }, 'ben', 'slurm', false],
    ['a Slurm job of nobody known', { slurmJobId: '7', uid: 4242 }, 'uid 4242', 'slurm', false],
    ['a pod', { labels: { 'hub.jupyter.org/username': 'kim' } }, 'kim', 'pod', false],
    ['a login', { isContainer: false, uid: 1000 }, 'ana', 'uid', false],
    ['a service of root', { isContainer: false }, 'root', 'uid', false],
    ['a rootless container', { cgroupUid: 1000 }, 'ana', 'uid', false],
    ['a user id in a container', { uid: 1001, labels: compose }, 'ben', 'uid', true],
    [
      'a user id that the host does not know',
      { uid: 4242, labels: compose },
      'demo',
      'compose-project',
      true,
    ],
    ['a home', { mountSources: ['/data', '/home/ana/code', '/home/ana'] }, 'ana', 'home-mount', true],
    ['two homes', { mountSources: ['/home/ana', '/home/ben'] }, null, 'unknown', false],
    ['a home of nobody', { mountSources: ['/home/linuxbrew/x', '/home'] }, null, 'unknown', false],
    ['root in a container', {}, null, 'unknown', false],
    ['a process that tells nothing', { isContainer: false, uid: null }, null, 'unknown', false],
  ])('of %s', (_, facts, name, from, isInferred) =>
    expect(personOf({ ...nobody, ...facts })).toEqual({ name, from, isInferred }),
  );
});

describe('what an owner uses', () => {
  it('is the sum of its own processes, by GPU and instance', () => {
    const owned = (
      pid: number,
      ownerKey: string | null,
      bytes: number | null,
      sm: number | null,
      gi = null,
    ) => ({
      ...processFixture(pid),
      ...{
        ownerKey,
        usedMemoryBytes: bytes,
        smRatio: sm,
        memoryRatio: sm,
        gpuInstanceId: gi as number | null,
      },
    });
    const gpu: ReportedGpu = {
      ...gpuFixture(0),
      processes: [
        owned(1, id, 100, 0.1),
        owned(2, id, 50, 0.2),
        owned(3, other, 7, null),
        owned(4, null, 9, 1),
        owned(5, other, null, null),
        { ...owned(1, id, 4, null), gpuInstanceId: 2, computeInstanceId: 0 },
      ],
    };
    const uses = usesByOwner([gpu]);
    expect([...uses.keys()]).toEqual([id, other]);
    expect(uses.get(id)).toMatchObject([
      { gpuInstanceId: null, usedMemoryBytes: 150, smRatio: 0.3, memoryRatio: 0.3, pids: [1, 2] },
      { gpuInstanceId: 2, computeInstanceId: 0, usedMemoryBytes: 4, smRatio: null, pids: [1] },
    ]);
    expect(uses.get(other)).toMatchObject([{ usedMemoryBytes: 7, smRatio: null, pids: [3, 5] }]);
    expect(
      usesByOwner([{ ...gpu, processes: [owned(5, id, null, null)] }]).get(id)?.[0]?.usedMemoryBytes,
    ).toBeNull();
  });
});

describe("a GPU's accounts", () => {
  const input = { usedBytes: 100, gpuRatio: 0.5, sharesSampledAt: 't', sharesProblem: null } as const;
  const process = (bytes: number | null, sm: number | null) => ({
    ...processFixture(1),
    usedMemoryBytes: bytes,
    smRatio: sm,
  });

  it.each<[string, readonly (readonly [number | null, number | null])[], object, object]>([
    [
      'a remainder',
      [
        [30, 0.1],
        [20, 0.2],
      ],
      { ownedBytes: 50, remainderBytes: 50, overcountBytes: 0 },
      { ownedRatio: 0.3, remainderRatio: 0.2, isOverlap: false },
    ],
    [
      'an overcount and an overlap',
      [
        [80, 0.4],
        [30, 0.3],
      ],
      { ownedBytes: 110, remainderBytes: 0, overcountBytes: 10 },
      { ownedRatio: 0.7, remainderRatio: 0, isOverlap: true },
    ],
    [
      'one that tells no memory',
      [
        [80, null],
        [null, 0.5],
      ],
      { ownedBytes: null, remainderBytes: null, overcountBytes: 0 },
      { ownedRatio: 0.5, remainderRatio: 0, isOverlap: false },
    ],
    [
      'sums that no GPU has, which the hub would refuse',
      [
        [2 ** 50, 60],
        [2 ** 50, 60],
      ],
      { ownedBytes: null, remainderBytes: null, overcountBytes: 0 },
      { ownedRatio: null, remainderRatio: null, isOverlap: false },
    ],
    [
      'nobody',
      [],
      { ownedBytes: 0, remainderBytes: 100, overcountBytes: 0 },
      { ownedRatio: 0, remainderRatio: 0.5, isOverlap: false },
    ],
    [
      'no share',
      [[1, null]],
      { ownedBytes: 1, remainderBytes: 99, overcountBytes: 0 },
      { ownedRatio: null, remainderRatio: null, isOverlap: false },
    ],
  ])('with %s', (_, processes, memory, sm) => {
    const told = gpuAccounting({
      ...input,
      processes: processes.map(([bytes, share]) => process(bytes, share)),
    });
    expect(told.memory).toEqual(memory);
    expect(told.sm).toEqual(sm);
  });

  it('owned + remainder - overcount is its own number, to the byte', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 45), fc.array(fc.nat(2 ** 42)), (usedBytes, all) => {
        const { memory } = gpuAccounting({
          ...input,
          usedBytes,
          processes: all.map((bytes) => process(bytes, null)),
        });
        expect((memory.ownedBytes ?? 0) + (memory.remainderBytes ?? 0) - memory.overcountBytes).toBe(
          usedBytes,
        );
      }),
    );
  });

  it('does not guess', () => {
    const told = gpuAccounting({ ...input, usedBytes: null, gpuRatio: null, processes: [process(1, 0.5)] });
    expect(told.memory.remainderBytes).toBeNull();
    expect(told.sm).toEqual({ ownedRatio: 0.5, remainderRatio: null, isOverlap: false });
    const silent = gpuAccounting({ ...input, sharesSampledAt: null, sharesProblem: 'why', processes: [] });
    expect(silent.sm.ownedRatio).toBeNull();
  });
});

const uuidOf = (index: number): string => gpuFixture(index).uuid ?? '';
const mig = (index: number, gi: number) => ({
  index,
  gpuInstanceId: gi,
  computeInstanceId: 0,
  uuid: `MIG-${index}`,
  profile: null,
  memory: { totalBytes: null, usedBytes: null, freeBytes: null },
});
const gpus: ReportedGpu[] = [
  { ...gpuFixture(0), minorNumber: 3, processes: [processFixture(1)] },
  { ...gpuFixture(1), minorNumber: 0, processes: [processFixture(2)], migDevices: [mig(0, 7), mig(1, 9)] },
];
const asked = (devices: readonly string[], rest: Partial<ContainerGrant> = {}) =>
  resolveGrant({ by: 'environment', all: false, count: null, devices, ...rest }, gpus);

describe('the GPUs that are meant', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['0', [0], []],
    [uuidOf(1), [1], []],
    [`${uuidOf(0)}::2`, [0], []],
    ['1:1', [1], [9]],
    ['MIG-0', [1], [7]],
    [`MIG-${uuidOf(1)}/9/0`, [1], [9]],
    ['nvidia.com/gpu=1', [1], []],
    ['nvidia.com/gpu=1:0', [1], [7]],
    [`nvidia.com/gpu=${uuidOf(0)}`, [0], []],
    ['/dev/nvidia3', [0], []],
    ['nvidia0', [1], []],
    ['nvidia0/gi9', [1], [9]],
  ])('by %s', (device, indexes, instances) => {
    const grant = asked([device]);
    expect(grant.gpuUuids).toEqual(indexes.map(uuidOf));
    expect(grant.instances.map(({ gpuInstanceId }) => gpuInstanceId)).toEqual(instances);
    expect(grant.unresolved).toEqual([]);
  });

  it.each(['7', '0:0', 'MIG-9', 'GPU-x', '/dev/nvidia9', 'nonsense', 'nvidia.com/gpu=9'])(
    '%s fits none',
    (device) => expect(asked([device])).toMatchObject({ gpuUuids: [], unresolved: [device] }),
  );

  it('all of them, or so many of them', () => {
    expect(asked(['all'], { all: true }).gpuUuids).toEqual([uuidOf(0), uuidOf(1)]);
    expect(asked([], { count: 1 })).toMatchObject({ gpuUuids: [uuidOf(0)], count: 1, devices: [] });
    expect(asked([], { count: 3 })).toMatchObject({ gpuUuids: [uuidOf(0), uuidOf(1)], unresolved: ['2'] });
    expect(asked([], { count: 65_535 }).unresolved).toHaveLength(254);
  });
});

describe('what is odd', () => {
  const use = (index: number) => ({
    ...{ gpuUuid: uuidOf(index), gpuInstanceId: null, computeInstanceId: null },
    ...{ usedMemoryBytes: 1, smRatio: null, pids: [1] },
  });
  const container = (
    name: string,
    grant: ContainerGrant | null,
    used: number[] = [],
    rest: Partial<Container> = {},
  ) =>
    ({
      ...{ id: name.repeat(64).slice(0, 64), name, image: null, imageId: null, runtime: 'docker' },
      ...{ state: 'running', startedAt: null, labels: {}, cudaVersion: null, visibleDevices: null },
      ...{ requireCuda: null, namespace: null, pod: null, gpus: used.map(use), grant },
      start: {
        createdAt: null,
        command: null,
        restartPolicy: null,
        ociRuntime: 'runc',
        isPrivileged: false,
        user: null,
        composeProject: null,
        composeService: null,
      },
      ...rest,
    }) satisfies Container;
  const kinds = (containers: Container[], on: ReportedGpu[] = gpus) =>
    grantFindings(containers, on).map(({ kind, containerId, gpuUuid }) => [kind, containerId[0], gpuUuid]);

  it('nothing, where all use what they were given', () => {
    expect(
      kinds([container('a', asked(['0']), [0]), container('b', asked(['all'], { all: true }), [1])]),
    ).toEqual([]);
    expect(kinds([container('c', asked([], { count: 1 }), [0])])).toEqual([]);
  });

  it.each<[string, Container[], unknown[]]>([
    ['idle on one', [container('a', asked(['0', '1']), [0])], [['granted-idle', 'a', uuidOf(1)]]],
    ['idle on all', [container('a', asked(['all'], { all: true }))], [['granted-idle', 'a', null]]],
    ['idle, by number', [container('a', asked([], { count: 2 }))], [['granted-idle', 'a', null]]],
    ['idle and stopped', [container('a', asked(['0']), [], { state: 'exited' })], []],
    ['used and not given', [container('a', asked(['0']), [0, 1])], [['used-not-granted', 'a', uuidOf(1)]]],
    ['used and given nothing', [container('a', null, [1])], [['used-not-granted', 'a', uuidOf(1)]]],
    ['privileged', [container('a', null, [1], { start: null })], []],
    ['given what is not known', [container('a', asked(['9']), [1])], []],
    ['of Podman, whose hooks say nothing', [container('a', null, [1], { runtime: 'podman' })], []],
    ['without a name', [container('a', null, [1], { name: null })], []],
    [
      'given twice',
      [container('a', asked(['0']), [0]), container('b', asked(['0']), [0])],
      [['granted-twice', 'a', uuidOf(0)]],
    ],
    [
      'given twice, as the first and by a count of one',
      [container('a', asked(['0']), [0]), container('b', asked([], { count: 1 }), [0])],
      [['granted-twice', 'a', uuidOf(0)]],
    ],
    [
      'idle, of a count that an older agent does not name',
      [container('a', { ...asked([], { count: 1 }), gpuUuids: [] }, [1])],
      [],
    ],
    [
      'given twice, different instances',
      [container('a', asked(['1:0']), [1]), container('b', asked(['1:1']), [1])],
      [],
    ],
    [
      'given twice, one instance',
      [container('a', asked(['1:0']), [1]), container('b', asked(['MIG-0']), [1])],
      [['granted-twice', 'a', uuidOf(1)]],
    ],
  ])('%s', (_, containers, expected) => expect(kinds(containers)).toEqual(expected));

  it('a GPU that is lost, and no word of idleness where processes cannot be read', () => {
    const lost = [{ ...gpus[0]!, state: 'lost' as const, detailsMemoryUsedBytes: null }, gpus[1]!];
    expect(kinds([container('a', asked(['0']))], lost)).toEqual([['granted-lost-gpu', 'a', uuidOf(0)]]);
  });

  it.each<[string, Partial<ReportedGpu>, boolean]>([
    ['works', { utilization: { ...gpuFixture().utilization, gpuRatio: 0.9 } }, false],
    ['holds memory', { detailsMemoryUsedBytes: 2 ** 30 }, false],
    ['has what the driver itself takes', {}, true],
  ])('idle on a GPU without any process that %s', (_, change, isIdle) => {
    const utilization = { ...gpuFixture().utilization, gpuRatio: 0 };
    const alone = { ...gpus[0]!, processes: [], utilization, detailsMemoryUsedBytes: 4 * 2 ** 20, ...change };
    const found = kinds([container('a', asked(['0']))], [alone, gpus[1]!]);
    expect(found).toEqual(isIdle ? [['granted-idle', 'a', uuidOf(0)]] : []);
    const all = kinds([container('a', asked(['all'], { all: true }))], [alone, gpus[1]!]);
    expect(all).toEqual(isIdle ? [['granted-idle', 'a', null]] : []);
  });

  it('a container that may not open its GPUs any more, with the fix', () => {
    const deviceAccess = {
      state: 'denied',
      from: 'cgroup-v1',
      missing: ['/dev/nvidia3'],
      reason: null,
    } as const;
    const [first] = grantFindings([container('a', asked(['0']), [0], { deviceAccess })], gpus);
    expect(first).toMatchObject({ kind: 'device-access-lost', severity: 'critical' });
    expect(first?.text).toContain('/dev/nvidia3');
    expect(first?.fix).toContain('CDI');
    const unknown = { ...deviceAccess, state: 'unknown' } as const;
    expect(kinds([container('a', asked(['0']), [0], { deviceAccess: unknown })])).toEqual([]);
  });
});
