import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadRecording } from '../../access/replay/recording.ts';
import { createSimulatedAccess } from '../../access/simulated/index.ts';
import { type Collector, type CollectorOptions, createCollector, type Snapshot } from '../index.ts';

const hosts = fileURLToPath(new URL('../../access/simulated/hosts/', import.meta.url));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Settings = NonNullable<Parameters<typeof createSimulatedAccess>[0]['settings']>;

interface Played {
  readonly collector: Collector;
  readonly access: ReturnType<typeof createSimulatedAccess>;
  /** nvidia-smi as it was started, and how many run now. */
  readonly started: string[];
  running(): number;
  pass(seconds: number): Promise<Snapshot>;
}

async function play(
  name: string,
  settings: Settings = {},
  options: Partial<CollectorOptions> = {},
): Promise<Played> {
  const access = createSimulatedAccess({
    recording: await loadRecording(`${hosts}${name}`),
    hostname: 'played',
    settings,
  });
  const started: string[] = [];
  let running = 0;
  const note = (command: readonly string[], ended: Promise<unknown>): void => {
    if (!command[0]?.endsWith('nvidia-smi')) return;
    started.push(command.join(' '));
    running += 1;
    void ended.then(() => {
      running -= 1;
    });
  };
  const spied: typeof access = {
    ...access,
    run(command, limits) {
      const result = access.run(command, limits);
      note(command, result);
      return result;
    },
    stream(command, limits) {
      const stream = access.stream(command, limits);
      note(command, stream.ended);
      return stream;
    },
  };
  const collector = createCollector(spied, { intervalSeconds: 1, ...options });
  void collector.start();
  const pass = async (seconds: number): Promise<Snapshot> => {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return collector.snapshot();
  };
  return { collector, access, started, running: () => running, pass };
}

const order = { kind: 'command', forSeconds: 60, by: 'ann', reason: 'reset' } as const;

describe('an agent that is told to let go', () => {
  test('ends its stream, starts nothing, shows no number, and takes up again by itself', async () => {
    const { collector, started, running, pass } = await play('rtx4090x4');
    expect(await pass(3)).toMatchObject({ condition: 'ok', pause: null });
    const released = collector.pauses.pause(order);
    await pass(2);
    expect(await released).toEqual({ stuckPids: [] });
    expect(running()).toBe(0);
    const before = started.length;
    const paused = await pass(50);
    expect(started).toHaveLength(before);
    expect(paused).toMatchObject({
      condition: 'paused',
      pause: { kind: 'command', by: 'ann', reason: 'reset', stuckPids: [] },
    });
    expect(paused.gpus.map(({ power, utilization }) => [power.drawWatts, utilization.gpuRatio])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
    );
    expect(paused.sources.filter(({ state }) => state === 'paused').map(({ source }) => source)).toEqual([
      'nvidia-smi-xml',
      'nvidia-smi-stream',
      'nvidia-smi-pmon',
    ]);
    const again = await pass(12);
    expect(again).toMatchObject({ condition: 'ok', pause: null });
    expect(again.gpus[0]?.power.drawWatts).not.toBeNull();
    // The stream, and pmon beside it.
    expect(running()).toBe(2);
  });

  test('in the middle of a document ends that too', async () => {
    const { collector, access, running, pass } = await play('rtx4090x4', { fault: 'hang-start' });
    await pass(1);
    expect(running()).toBe(1);
    access.setFault(null);
    const released = collector.pauses.pause(order);
    await pass(2);
    await released;
    expect(running()).toBe(0);
    expect(collector.snapshot()).toMatchObject({ condition: 'paused', failure: null });
    collector.pauses.end('command');
    expect(await pass(3)).toMatchObject({ condition: 'ok' });
  });

  test('by two, it waits for both', async () => {
    const { collector, pass } = await play('rtx4090x4');
    await pass(2);
    void collector.pauses.pause(order);
    void collector.pauses.pause({ ...order, kind: 'hub', by: 'user bo', forSeconds: 120 });
    expect((await pass(5)).pause?.by).toBe('ann');
    expect((await pass(60)).pause?.by).toBe('user bo');
    expect(await pass(65)).toMatchObject({ condition: 'ok' });
  });

  test('just after it took up again it does not tell of numbers from before', async () => {
    const { collector, pass } = await play('rtx4090x4');
    await pass(2);
    void collector.pauses.pause({ ...order, forSeconds: 3 });
    await pass(1);
    const seen: string[] = [];
    collector.pauses.onChange(() => {
      const { condition, gpus } = collector.snapshot();
      seen.push(`${condition} ${gpus[0]?.power.drawWatts ?? 'unknown'}`);
    });
    await pass(2.5);
    expect(seen).toEqual(['starting unknown']);
  });
});

test('a GPU that is taken out while the GPUs are let go is not lost', async () => {
  const { access, collector, pass } = await play('rtx4090x4');
  await pass(3);
  void collector.pauses.pause({ ...order, forSeconds: 300 });
  await pass(2);
  access.change({ gpuCount: 3 });
  const paused = await pass(90);
  expect(paused).toMatchObject({ condition: 'paused' });
  expect(paused.gpus.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

describe('an agent that lets go by itself', () => {
  test('of sleeping GPUs, and reads them once something else woke one', async () => {
    const { access, started, pass } = await play('rtx4090x4', { asleep: true });
    expect(await pass(30)).toMatchObject({ condition: 'paused', pause: { kind: 'asleep', until: null } });
    expect(started).toEqual([]);
    access.change({ asleep: false });
    expect(await pass(10)).toMatchObject({ condition: 'ok', pause: null });
  });

  describe('of idle GPUs that may power down', () => {
    const idle: Settings = {
      powerControl: 'auto',
      processes: [],
      set: Object.fromEntries(
        [0, 1, 2, 3].map((index) => [index, { 'utilization.gpu': 0, persistence_mode: 'Disabled' }]),
      ),
    };

    test('after two minutes, and stays away once they sleep', async () => {
      const { access, running, pass } = await play('rtx4090x4', idle);
      expect(await pass(100)).toMatchObject({ condition: 'ok', pause: null });
      const tried = await pass(25);
      expect(tried).toMatchObject({ condition: 'paused', pause: { kind: 'asleep' } });
      expect(tried.pause?.until).not.toBeNull();
      expect(running()).toBe(0);
      access.change({ ...idle, asleep: true });
      expect(await pass(10)).toMatchObject({ pause: { kind: 'asleep', until: null } });
      expect(await pass(3600)).toMatchObject({ condition: 'paused', pause: { until: null } });
      access.change({ ...idle, asleep: false });
      expect(await pass(15)).toMatchObject({ condition: 'ok', pause: null });
    });

    test('and reads them nearly all of the time where they do not sleep', async () => {
      const { pass } = await play('rtx4090x4', idle);
      let paused = 0;
      for (let second = 0; second < 3600; second += 10) if ((await pass(10)).pause !== null) paused += 10;
      expect(paused).toBeGreaterThan(60);
      expect(paused).toBeLessThan(180);
    });

    test.each<[string, Settings]>([
      ['a process runs', { processes: [{ gpu: 0, pid: 4711, name: 'python' }] }],
      ['the kernel keeps them on', { powerControl: 'on' }],
      ['they work', { set: {} }],
    ])('but not where %s', async (_, changes) => {
      const { pass } = await play('rtx4090x4', { ...idle, ...changes });
      let paused = 0;
      for (let second = 0; second < 600; second += 10) if ((await pass(10)).pause !== null) paused += 1;
      expect(paused).toBe(0);
    });
  });

  test('not where it was told to wake them', async () => {
    const { pass } = await play('rtx4090x4', { asleep: true }, { wake: true });
    expect(await pass(3)).toMatchObject({ condition: 'ok', pause: null });
  });

  test('of GPUs that wait for a reset to change their MIG mode, until that is done', async () => {
    const pending = { set: { 2: { 'mig.mode.current': 'Disabled', 'mig.mode.pending': 'Enabled' } } };
    const { access, running, pass } = await play('h100x8');
    expect(await pass(3)).toMatchObject({ condition: 'ok' });
    access.change(pending);
    const waiting = await pass(32);
    expect(waiting).toMatchObject({ condition: 'paused', pause: { kind: 'mig-pending' } });
    expect(waiting.pause?.reason).toMatch(/MIG mode of GPU 2 is to be enabled/);
    expect(running()).toBe(0);
    access.change({ set: {} });
    expect(await pass(40)).toMatchObject({ condition: 'ok', pause: null });
    expect(running()).toBe(2);
    access.change(pending);
    await pass(32);
    expect(await pass(16 * 60)).toMatchObject({ condition: 'ok' });
  });
});
