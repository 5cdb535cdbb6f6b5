import { describe, expect, test } from 'vitest';
import type { Container, GpuUse, Owner, Report, ReportedGpu } from '../model/index.ts';
import { gpuFixture, processFixture, reportFixture } from '../protocol/push-fixture.ts';
import { type Account, monthOf, type OwnerReading, ownerReadings, readMonth, wasteReport } from './index.ts';

const takenAt = '2026-11-23T12:00:00.000Z';
/** So that whoever is not among its processes is not there. */
const withProcess = { processes: [processFixture(1)] };

function gpu(index: number, change: Partial<ReportedGpu> = {}): ReportedGpu {
  const base = gpuFixture(index);
  const power = { ...base.power, drawWatts: 300 };
  return {
    ...base,
    uuid: `GPU-${index}`,
    power,
    migMode: null,
    detailsSampledAt: takenAt,
    ...withProcess,
    ...change,
  };
}

const use = (gpuUuid: string, smRatio: number | null, change: Partial<GpuUse> = {}): GpuUse => ({
  gpuUuid,
  gpuInstanceId: null,
  computeInstanceId: null,
  usedMemoryBytes: 2 ** 30,
  smRatio,
  pids: [1],
  ...change,
});

const container = (id: string, gpus: readonly GpuUse[], grantedUuids: readonly string[] = []): Container => ({
  id,
  name: id,
  image: null,
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
  gpus,
  grant: {
    by: 'device-request',
    all: false,
    count: null,
    devices: [],
    gpuUuids: grantedUuids,
    instances: [],
    unresolved: [],
  },
});

const job = (key: string, gpus: readonly GpuUse[]): Owner => ({
  key,
  kind: 'slurm',
  name: key,
  namespace: null,
  podUid: null,
  slurmJobId: '7',
  unit: null,
  uid: null,
  person: { name: 'ada', from: 'slurm', isInferred: false },
  nameProblem: null,
  gpus,
});

const report = (change: Partial<Report>): Report =>
  reportFixture({ takenAt, intervalSeconds: 5, gpus: [gpu(0)], containers: [], ...change });

const brief = (readings: readonly OwnerReading[]) =>
  readings.map(({ key, seconds, grantedSeconds, smRatio, energyJoules }) => [
    key,
    seconds,
    grantedSeconds,
    smRatio,
    energyJoules,
  ]);

describe('one reading', () => {
  test('stands for its interval: used, idle, granted and without a process, and of a job without grants', () => {
    const read = ownerReadings(
      report({
        gpus: [gpu(0), gpu(1)],
        containers: [
          container('works', [use('GPU-0', 0.5)], ['GPU-0']),
          container('waits', [use('GPU-0', 0)], ['GPU-0', 'GPU-1']),
        ],
        owners: [job('slurm:7', [use('GPU-1', null)])],
      }),
    );
    expect(brief(read)).toEqual([
      ['works', 5, 5, 0.5, 1500],
      ['waits', 5, 5, 0, 0],
      ['waits', 5, 5, 0, 750],
      ['slurm:7', 5, 0, null, 750],
    ]);
    expect(read.map(({ usedMemoryBytes }) => usedMemoryBytes)).toEqual([2 ** 30, 2 ** 30, 0, 2 ** 30]);
  });

  test('of a GPU that is lost, or of processes that were never read, says nothing', () => {
    const given = container('c', [], ['GPU-0']);
    expect(ownerReadings(report({ gpus: [gpu(0, { state: 'lost' })], containers: [given] }))).toEqual([]);
    expect(
      ownerReadings(report({ gpus: [gpu(0, { detailsSampledAt: null })], containers: [given] })),
    ).toEqual([]);
  });

  test('tells nothing of who was granted a GPU whose processes are not told, rather than that it is idle', () => {
    const given = container('c', [], ['GPU-0']);
    const read = (change: Partial<ReportedGpu>) =>
      ownerReadings(report({ gpus: [gpu(0, { processes: [], ...change })], containers: [given] }));
    const still = { ...gpuFixture().utilization, gpuRatio: 0 };
    const free = { utilization: still, detailsMemoryUsedBytes: 2 ** 22 };
    for (const [change, told] of [
      [{}, null],
      [{ ...free, detailsMemoryUsedBytes: 2 ** 30 }, null],
      [{ ...free, detailsMemoryUsedBytes: null }, null],
      [free, 0],
    ] as const)
      expect(read(change)).toMatchObject([
        { seconds: 5, grantedSeconds: 5, smRatio: told, usedMemoryBytes: told },
      ]);
  });

  test('knows that nobody worked on a GPU that did nothing, where pmon prints a dash, but not on MIG', () => {
    const holder = container('c', [use('GPU-0', null)]);
    const read = (gpuRatio: number | null, change: Partial<ReportedGpu> = {}) => {
      const utilization = { ...gpuFixture().utilization, gpuRatio };
      return ownerReadings(report({ gpus: [gpu(0, { utilization, ...change })], containers: [holder] }))[0]
        ?.smRatio;
    };
    expect([read(0), read(0.01), read(null)]).toEqual([0, null, null]);
    const device = {
      ...{ index: 0, gpuInstanceId: null, computeInstanceId: null, uuid: null, profile: null },
      memory: { totalBytes: 2 ** 30, usedBytes: null, freeBytes: null },
    };
    const mig = { migMode: { current: true, pending: true }, migDevices: [device] };
    expect(read(0, mig)).toBeNull();
  });

  test('takes no share that is too old, and no energy where power is not told', () => {
    const old = { sharesSampledAt: '2026-11-23T11:58:00.000Z' };
    const silent = gpu(0, {
      power: { ...gpuFixture(0).power, drawWatts: null, instantWatts: null, averageWatts: null },
    });
    const [only] = ownerReadings(
      report({ gpus: [silent], containers: [container('c', [use('GPU-0', 0.9, old)])] }),
    );
    expect(only).toMatchObject({ smRatio: null, energyJoules: null, seconds: 5 });
    const young = { sharesSampledAt: '2026-11-23T11:59:30.000Z' };
    const [fresh] = ownerReadings(report({ containers: [container('c', [use('GPU-0', 0.9, young)])] }));
    expect(fresh).toMatchObject({ smRatio: 0.9, energyJoules: 1500 });
  });

  test('of a MIG instance counts as its part of the memory, and tells no share', () => {
    const device = (gpuInstanceId: number, gibibytes: number) => ({
      index: gpuInstanceId,
      gpuInstanceId,
      computeInstanceId: 0,
      uuid: null,
      profile: null,
      memory: { totalBytes: gibibytes * 2 ** 30, usedBytes: null, freeBytes: null },
    });
    const mig = gpu(0, {
      migMode: { current: true, pending: true },
      memory: { totalBytes: 80 * 2 ** 30, usedBytes: null, freeBytes: null, reservedBytes: null },
      migDevices: [device(1, 40), device(2, 10), device(3, 10)],
    });
    const own = { gpuInstanceId: 1, computeInstanceId: 0 };
    const granted = container('granted', []);
    const instances = [{ gpuUuid: 'GPU-0', gpuInstanceId: 2, computeInstanceId: 0 }];
    const read = ownerReadings(
      report({
        gpus: [mig],
        containers: [
          container('half', [use('GPU-0', null, own)], ['GPU-0']),
          { ...granted, ...(granted.grant ? { grant: { ...granted.grant, instances } } : {}) },
        ],
      }),
    );
    // 300 W for 5 s; what no one has of the GPU is no one's energy.
    expect(brief(read)).toEqual([
      ['half', 3.75, 3.75, null, 1500 * (0.75 / 1)],
      ['granted', 0.625, 0.625, 0, 1500 * 0.125],
    ]);
  });
});

const account = (key: string, change: Partial<Account> = {}): Account => ({
  hostId: 'h1',
  gpuUuid: 'GPU-0',
  key,
  owner: {
    runtime: 'docker',
    name: key,
    image: 'train:1',
    person: 'ada',
    personFrom: 'label',
    isInferred: false,
    namespace: null,
    pod: null,
    hostname: 'alpha',
    group: 'h100',
  },
  seconds: 7200,
  grantedSeconds: 3600,
  usedSeconds: 1800,
  workFreeSeconds: 4500,
  idleSeconds: 3600,
  smSeconds: 900,
  workFreeByteSeconds: 1e9,
  energyJoules: 3_600_000,
  ...change,
});

const noPrices = { currency: '', perGpuHour: null, perKilowattHour: null };

describe('a report', () => {
  test('adds up an owner over its GPUs, and people over hosts; the most idle first', () => {
    const accounts = [
      account('a'),
      account('a', { gpuUuid: 'GPU-1', energyJoules: null }),
      account('b', { idleSeconds: 9000, hostId: 'h2' }),
      account('c', { owner: null, idleSeconds: 0 }),
    ];
    const byOwner = wasteReport(accounts, { by: 'owner', prices: noPrices });
    expect(byOwner.rows.map(({ name, gpus, idleSeconds }) => [name, gpus, idleSeconds])).toEqual([
      ['b', 1, 9000],
      ['a', 2, 7200],
      ['c', 1, 0],
    ]);
    expect(byOwner.rows[1]).toMatchObject({
      occupiedSeconds: 14_400,
      untoldSeconds: 1800,
      energyJoules: 3_600_000,
      cost: null,
      idleCost: null,
      owner: { hostId: 'h1', key: 'a', hostname: 'alpha', person: 'ada' },
    });
    const byPerson = wasteReport(accounts, { by: 'person', prices: noPrices });
    expect(byPerson.rows.map(({ name, owners, owner }) => [name, owners, owner])).toEqual([
      ['ada', 2, null],
      [null, 1, null],
    ]);
    expect(byPerson.total).toEqual(byOwner.total);
    expect(byOwner.total.occupiedSeconds).toBe(4 * 7200);
  });

  test('costs what is priced, and nothing is made up where nothing is', () => {
    const of = (prices: object, change: Partial<Account> = {}) =>
      wasteReport([account('a', change)], { by: 'owner', prices: { ...noPrices, ...prices } }).total;
    expect(of({ perGpuHour: 2 })).toMatchObject({ cost: 4, idleCost: 2 });
    expect(of({ perKilowattHour: 0.3 })).toMatchObject({ cost: 0.3, idleCost: null });
    expect(of({ perGpuHour: 2, perKilowattHour: 0.3 })).toMatchObject({ cost: 4.3, idleCost: 2 });
    expect(of({ perKilowattHour: 0.3 }, { energyJoules: null })).toMatchObject({ cost: null });
  });
});

test('months are those of UTC', () => {
  expect(readMonth('2026-12')).toEqual({
    name: '2026-12',
    fromSeconds: Date.UTC(2026, 11) / 1000,
    toSeconds: Date.UTC(2027, 0) / 1000,
  });
  for (const text of ['2026-13', '2026-1', '26-01', '1969-01', '', '2026-01-01'])
    expect(readMonth(text)).toBe(null);
  expect(monthOf(Date.UTC(2026, 0, 31, 23, 59)).name).toBe('2026-01');
  expect(monthOf(Date.UTC(2026, 0, 31), -1).name).toBe('2025-12');
});
