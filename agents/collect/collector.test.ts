import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostAccess } from '../access/host-access.ts';
import { loadRecording } from '../access/replay/recording.ts';
import { createSimulatedAccess, type SimulatedAccess } from '../access/simulated/index.ts';
import { type Collector, type CollectorOptions, createCollector, type Snapshot } from './index.ts';

const hosts = fileURLToPath(new URL('../access/simulated/hosts/', import.meta.url));
const mebibyte = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Played {
  readonly access: SimulatedAccess;
  readonly collector: Collector;
  readonly samples: () => number;
  /** Commands as started. */
  readonly started: string[];
  pass(seconds: number): Promise<Snapshot>;
}

type Settings = NonNullable<Parameters<typeof createSimulatedAccess>[0]['settings']>;

async function play(
  name: string,
  settings: Settings = {},
  options: Partial<CollectorOptions> = {},
): Promise<Played> {
  const access = createSimulatedAccess({
    recording: await loadRecording(`${hosts}${name}`),
    hostname: 'played',
    settings: { motion: { load: 0.6 }, ...settings },
  });
  const started: string[] = [];
  const spied: HostAccess = {
    ...access,
    run(command, limits) {
      started.push(command.join(' '));
      return access.run(command, limits);
    },
    stream(command, limits) {
      started.push(command.join(' '));
      return access.stream(command, limits);
    },
  };
  const collector = createCollector(spied, { intervalSeconds: 1, ...options });
  let samples = 0;
  collector.onSample(() => {
    samples += 1;
  });
  void collector.start();
  const pass = async (seconds: number): Promise<Snapshot> => {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return collector.snapshot();
  };
  return { access, collector, samples: () => samples, started, pass };
}

const readings = (snapshot: Snapshot): (number | null)[] =>
  snapshot.gpus.flatMap(({ utilization, memory, temperature, power, clocks }) => [
    utilization.gpuRatio,
    memory.usedBytes,
    temperature.gpuCelsius,
    power.drawWatts,
    clocks.smHertz,
  ]);
const source = (snapshot: Snapshot, name: string) => snapshot.sources.find((each) => each.source === name);

describe('the PCI bus beside nvidia-smi', () => {
  test('eight plugged in, seven listed: the eighth is lost under its own name, and comes back', async () => {
    const { access, pass } = await play('h100x8');
    const whole = await pass(3);
    expect(whole.pciGpus).toHaveLength(8);
    access.setFault({ kind: 'gpu-missing', gpu: 5 });
    const short = await pass(10);
    expect(short).toMatchObject({ condition: 'ok' });
    expect(short.gpus).toHaveLength(8);
    const lost = short.gpus.filter(({ state }) => state !== 'ok');
    expect(lost).toMatchObject([
      { uuid: whole.gpus[5]?.uuid, state: 'lost', failure: { code: 'gpu-lost' }, power: { drawWatts: null } },
    ]);
    expect(short.gpus.filter(({ power }) => power.drawWatts !== null)).toHaveLength(7);
    access.setFault(null);
    expect((await pass(10)).gpus.every(({ state }) => state === 'ok')).toBe(true);
  });

  test.each([
    ['fails', 'unknown-error', 'driver-failed'],
    ['hangs', 'hang-mid-sample', 'driver-hung'],
  ] as const)(
    'nvidia-smi %s and a GPU leaves the bus: it is lost under its own name, the others stay',
    async (_, fault, condition) => {
      const { access, pass } = await play('h100x8');
      const whole = await pass(3);
      access.change({ fault });
      const dead = await pass(40);
      expect(dead).toMatchObject({ condition });
      expect(dead.gpus.every(({ state }) => state === 'ok')).toBe(true);
      access.change({ fault, gpuCount: 7 });
      const fallen = await pass(10);
      expect(fallen).toMatchObject({ condition });
      expect(fallen.pciGpus).toHaveLength(7);
      const { uuid, index, pciBusId } = whole.gpus[7] ?? {};
      expect(fallen.gpus.map(({ state }) => state)).toEqual([...Array(7).fill('ok'), 'lost']);
      expect(fallen.gpus[7]).toMatchObject({
        ...{ uuid, index, pciBusId, state: 'lost' },
        failure: { code: 'gpu-lost', message: expect.stringContaining('left the PCI bus') },
      });
      access.change({ fault: null, gpuCount: 8 });
      expect((await pass(20)).gpus.every(({ state }) => state === 'ok')).toBe(true);
    },
  );

  test('nvidia-smi never answered and a GPU leaves the bus: it is lost by its address', async () => {
    const { access, pass } = await play('h100x8', { fault: 'unknown-error' });
    const dead = await pass(5);
    expect(dead).toMatchObject({ condition: 'driver-failed', gpus: [] });
    access.change({ fault: 'unknown-error', gpuCount: 7 });
    const fallen = await pass(10);
    expect(fallen.gpus).toMatchObject([
      { state: 'lost', uuid: null, pciBusId: dead.pciGpus?.[7]?.busId, failure: { code: 'gpu-lost' } },
    ]);
  });

  test('nvidia-smi never answered: what is plugged in is known all the same', async () => {
    const { pass } = await play('h100x8', { fault: 'driver-not-loaded' });
    const dead = await pass(3);
    expect(dead).toMatchObject({ condition: 'driver-failed', gpus: [] });
    expect(dead.pciGpus).toHaveLength(8);
    expect(dead.pciGpus?.every(({ driver }) => driver === null)).toBe(true);
  });
});

describe('what goes wrong', () => {
  test('an Xid is counted for its GPU, at its time, and a lost GPU says so in the log too', async () => {
    const { access, pass } = await play('h100x8');
    expect((await pass(3)).faults).toMatchObject({ xids: [], troubles: [] });
    access.setFault({ kind: 'xid', xid: 95, gpu: 2 });
    const told = await pass(2);
    expect(told.faults?.xids).toMatchObject([{ xid: 95, count: 1, gpuUuid: told.gpus[2]?.uuid }]);
    expect(Date.now() - Date.parse(told.faults?.xids[0]?.lastAt ?? '')).toBeLessThan(30_000);
    expect(source(told, 'kernel-log')).toMatchObject({ state: 'ok', command: 'cat /dev/kmsg' });
    access.setFault({ kind: 'gpu-lost', gpu: 5 });
    expect((await pass(2)).faults?.xids).toMatchObject([
      { xid: 95 },
      { xid: 79, gpuUuid: told.gpus[5]?.uuid },
    ]);
  });

  test('the time for which clocks are held down grows, and begins when it is seen', async () => {
    const { access, pass } = await play('h100x8');
    await pass(3);
    access.change({ set: { '1': { 'clocks_event_reasons.hw_thermal_slowdown': 'Active' } } });
    await pass(3);
    const before = (await pass(0)).faults;
    // As the agent does: a gap of more than three intervals is not guessed.
    for (let second = 1; second < 10; second += 1) await pass(1);
    const after = (await pass(1)).faults;
    const heat = (faults: typeof before) =>
      faults?.throttles.find(({ reason }) => reason === 'hw_thermal_slowdown')?.seconds ?? 0;
    expect(heat(after) - heat(before)).toBeCloseTo(10, 0);
    const start = (faults: typeof before) => faults?.starts.find(({ key }) => key.startsWith('throttle:'));
    expect(start(after)).toEqual(start(before));
    expect(start(after)).toBeDefined();
  });
});

describe('a healthy host', () => {
  test('tells its GPUs, moving, with stack, sources and energy', async () => {
    const { pass, samples, access } = await play('rtx4090x4');
    const first = await pass(3);
    expect(first).toMatchObject({ condition: 'ok', failure: null });
    expect(first.gpus).toHaveLength(4);
    expect(first.gpus.map((gpu) => gpu.index)).toEqual([0, 1, 2, 3]);
    expect(first.stack.kernelDriverVersion).toBe(first.stack.driverVersion);
    expect(first.stack.osName).not.toBeNull();
    const later = await pass(20);
    expect(readings(later)).not.toEqual(readings(first));
    expect(samples()).toBeGreaterThan(20);
    expect(Date.parse(later.takenAt) - Date.parse(later.gpus[0]!.sampledAt)).toBeLessThanOrEqual(1500);
    const [gpu] = later.gpus;
    expect(gpu!.energyJoules! / 22).toBeGreaterThan(20);
    expect(gpu!.energyJoules! / 22).toBeLessThan(500);
    expect(source(later, 'nvidia-smi-xml')).toMatchObject({ state: 'ok', failures: 0 });
    await access.close();
  });

  test('reads the document seldom while nothing changes, at once when a process came', async () => {
    const { pass, access, started } = await play('rtx4090x4', { motion: false });
    await pass(9);
    const documents = (): number => started.filter((command) => command.includes('-q -x')).length;
    expect(documents()).toBe(1);
    access.change({
      processes: [{ gpu: 1, pid: 4321, name: 'python', usedMemoryMiB: 2000 }],
    });
    const snapshot = await pass(2);
    expect(snapshot.gpus[1]!.processes).toMatchObject([{ pid: 4321, usedMemoryBytes: 2000 * mebibyte }]);
    expect(documents()).toBeLessThanOrEqual(3);
    await access.close();
  });

  test('sums containers from their own processes, and says what MIG devices are called', async () => {
    const { pass, access } = await play('h100x8-mig');
    const snapshot = await pass(3);
    expect(snapshot.gpus.map((gpu) => gpu.computeCapability)).toEqual(Array(8).fill('9.0'));
    const mig = snapshot.gpus.flatMap((gpu) => gpu.migDevices);
    expect(mig.length).toBeGreaterThan(0);
    expect(mig.every((device) => device.uuid?.startsWith('MIG-'))).toBe(true);
    expect(mig.every((device) => /^\dg\.\d+gb/.test(device.profile ?? ''))).toBe(true);
    expect(snapshot.containers.length).toBeGreaterThan(0);
    for (const container of snapshot.containers) {
      for (const use of container.gpus) {
        const processes = snapshot.gpus
          .find((gpu) => gpu.uuid === use.gpuUuid)!
          .processes.filter(
            (each) =>
              each.owner?.containerId === container.id &&
              each.gpuInstanceId === use.gpuInstanceId &&
              each.computeInstanceId === use.computeInstanceId,
          );
        expect(use.usedMemoryBytes).toBe(processes.reduce((sum, each) => sum + each.usedMemoryBytes!, 0));
        expect([...use.pids].sort()).toEqual(processes.map((each) => each.pid).sort());
      }
    }
    expect(
      snapshot.containers.some((container) => container.name !== null && container.gpus.length > 0),
    ).toBe(true);
    await access.close();
  });
});

describe('the interval', () => {
  test('on a change the new stream delivers before the old one is stopped', async () => {
    const { pass, access, collector, samples, started } = await play('t4-cloud', {}, { intervalSeconds: 5 });
    await pass(6);
    const before = samples();
    collector.setIntervalSeconds(1);
    await pass(10);
    expect(samples() - before).toBeGreaterThanOrEqual(9);
    expect(
      started.filter((command) => command.includes('-lms')).map((command) => command.split(' ').at(-1)),
    ).toEqual(['5000', '1000']);
    collector.setIntervalSeconds(1);
    expect(started.filter((command) => command.includes('-lms'))).toHaveLength(2);
    await access.close();
  });

  test('without hold nothing runs between two samples', async () => {
    const { pass, access, samples, started } = await play('t4-cloud', {}, { hold: false });
    const snapshot = await pass(5.5);
    expect(started.some((command) => command.includes('-lms'))).toBe(false);
    expect(samples()).toBeGreaterThanOrEqual(5);
    expect(snapshot.condition).toBe('ok');
    await access.close();
  });
});

describe('faults', () => {
  const failing: [string, Settings['fault'], string, string][] = [
    ['driver not loaded', 'driver-not-loaded', 'driver-failed', 'driver-not-loaded'],
    ['version mismatch', 'version-mismatch', 'driver-failed', 'version-mismatch'],
    ['no devices', 'no-devices', 'no-devices', 'no-devices'],
    ['no permission', 'insufficient-permissions', 'driver-failed', 'insufficient-permissions'],
    ['library missing', 'library-missing', 'driver-failed', 'library-missing'],
    ['half a document', 'half-document', 'driver-failed', 'truncated'],
    ['another vendor', 'other-vendor', 'driver-failed', 'unknown-error'],
    ['garbage', 'garbage', 'driver-failed', 'unknown-error'],
    [
      'GPU lost, and nothing else told',
      { kind: 'gpu-lost', gpu: 0, style: 'text' },
      'driver-failed',
      'gpu-lost',
    ],
  ];
  test.each(failing)('%s: from the start, and in the middle', async (_name, fault, condition, code) => {
    const { pass, access } = await play('rtx4090x4', { fault });
    expect(await pass(3)).toMatchObject({ condition, failure: { code }, gpus: [] });
    access.setFault(null);
    expect(await pass(15)).toMatchObject({ condition: 'ok', failure: null });
    access.setFault(fault);
    const failed = await pass(25);
    expect(failed).toMatchObject({ condition, failure: { code } });
    expect(readings(failed).filter((value) => value !== null)).toEqual([]);
    access.setFault(null);
    const recovered = await pass(15);
    expect(recovered).toMatchObject({ condition: 'ok', failure: null });
    expect(readings(recovered)).not.toContain(null);
    await access.close();
  });

  test('another vendor: the failure shows what was printed', async () => {
    const { pass, access } = await play('rtx4090x4', { fault: 'other-vendor' });
    expect((await pass(3)).failure?.message).toContain('ROCm System Management Interface');
    await access.close();
  });

  test('one lost GPU has no values, the others go on', async () => {
    const { pass, access } = await play('rtx4090x4');
    await pass(3);
    access.setFault({ kind: 'gpu-lost', gpu: 2 });
    const snapshot = await pass(4);
    expect(snapshot.condition).toBe('ok');
    expect(snapshot.gpus.map((gpu) => gpu.state)).toEqual(['ok', 'ok', 'lost', 'ok']);
    const lost = snapshot.gpus[2]!;
    expect(lost.failure).toMatchObject({ code: 'gpu-lost' });
    expect(lost.name).toContain('4090');
    expect(readings({ ...snapshot, gpus: [lost] }).filter((value) => value !== null)).toEqual([]);
    expect(lost.processes).toEqual([]);
    expect(readings({ ...snapshot, gpus: [snapshot.gpus[3]!] })).not.toContain(null);
    await access.close();
  });

  test.each(['hang-mid-sample', 'hang-start'] as const)(
    '%s: no value is shown as now, the host says that its driver hangs, and recovers',
    async (kind) => {
      const { pass, access, started } = await play('rtx4090x4');
      await pass(3);
      access.setFault(kind === 'hang-start' ? { kind, ignoreSigterm: true } : kind);
      await pass(45);
      const hung = await pass(30);
      expect(hung).toMatchObject({ condition: 'driver-hung', failure: { code: 'timeout' } });
      if (kind === 'hang-mid-sample') {
        expect(readings(hung).filter((value) => value !== null)).toEqual([]);
        expect(source(hung, 'nvidia-smi-stream')).toMatchObject({ state: 'hung' });
      }
      expect(hung.gpus).toHaveLength(4);
      const tries = started.length;
      await pass(60);
      expect(started.length - tries).toBeLessThan(15);
      access.setFault(null);
      const recovered = await pass(60);
      expect(recovered).toMatchObject({ condition: 'ok', failure: null });
      expect(readings(recovered)).not.toContain(null);
      await access.close();
    },
  );

  test('another driver is seen by the stream, and the document read again', async () => {
    const { pass, access } = await play('rtx4090x4');
    await pass(4);
    access.setFault({ kind: 'driver-replaced', driverVersion: '610.10.01' });
    const snapshot = await pass(4);
    expect(snapshot.stack).toMatchObject({ driverVersion: '610.10.01', kernelDriverVersion: '610.10.01' });
    await access.close();
  });

  test('no nvidia-smi anywhere', async () => {
    const { pass, access } = await play('t4-cloud', {}, { nvidiaSmiPath: '/opt/nothing/here' });
    expect(await pass(2)).toMatchObject({
      condition: 'no-nvidia-smi',
      failure: { code: 'command-not-found', message: expect.stringContaining('/opt/nothing/here') },
    });
    await access.close();
  });
});

test('a Docker socket that hangs slows nothing, and is stated', async () => {
  const recording = await loadRecording(`${hosts}h100x8-mig`);
  const access = createSimulatedAccess({ recording, hostname: 'played' });
  let connects = 0;
  const stuck: HostAccess = {
    ...access,
    connect: (path, { deadlineSeconds }) =>
      new Promise((_resolve, reject) => {
        if (path === '/var/run/docker.sock') connects += 1;
        const late = (): void => reject(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
        setTimeout(late, deadlineSeconds * 1000);
      }),
  };
  const collector = createCollector(stuck, { intervalSeconds: 1 });
  let samples = 0;
  collector.onSample(() => {
    samples += 1;
  });
  void collector.start();
  await vi.advanceTimersByTimeAsync(10_500);
  const snapshot = collector.snapshot();
  expect(samples).toBeGreaterThanOrEqual(9);
  expect(source(snapshot, 'docker')).toMatchObject({ state: 'hung', failure: { code: 'timeout' } });
  expect(connects).toBeLessThanOrEqual(2);
  expect(snapshot.containers.length).toBeGreaterThan(0);
  expect(snapshot.containers.every((container) => container.name === null)).toBe(true);
  await access.close();
});
