import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pushLimits } from '../../../lib/protocol/limits.ts';
import { gpuFixture } from '../../../lib/protocol/push-fixture.ts';
import type { HostAccess, LineStream, StreamEnd } from '../../access/host-access.ts';
import { createLocalAccess } from '../../access/local/index.ts';
import { systemClock } from '../clock.ts';
import { createSource, type Source } from '../source.ts';
import { createFaults, type Faults } from './index.ts';
import { createThrottleMeter } from './throttle.ts';

const gpu = { ...gpuFixture(0), pciBusId: '00000000:3B:00.0' };
const uuid = gpu.uuid ?? '';
const bootedAt = Date.parse('2026-11-25T00:00:00Z') / 1000;
const xid = (sequence: number, number: number, seconds: number, bus = '0000:3b:00'): string =>
  `4,${sequence},${seconds * 1e6},-;NVRM: Xid (PCI:${bus}): ${number}, pid=7, name=python, text ${sequence}`;

interface Played {
  readonly faults: Faults;
  readonly source: Source;
  /** Commands of streams and runs, as started. */
  readonly started: string[];
  /** How often an Xid was told as just now. */
  news(): number;
  print(...lines: string[]): void;
  end(end: StreamEnd): void;
}

/**
 * A host whose log is written by the test. `journal`: what journalctl says on the side when it is asked; null: not there.
 * `kept`: what it has of this boot; null: it cannot be read.
 */
function play(journal: string | null = null, kept: readonly string[] | null = []): Played {
  const started: string[] = [];
  let stream: { push(line: string): void; end(end: StreamEnd): void } | null = null;
  const access = {
    ...createLocalAccess({ root: '/nowhere' }),
    readFile: async () => ({ outcome: 'read' as const, text: `btime ${bootedAt}\n`, truncated: false }),
    async run(command: readonly string[]) {
      started.push(command.join(' '));
      const end = { stdout: '', durationSeconds: 0 };
      if (journal === null) return { ...end, outcome: 'not-found' as const, exitCode: null, stderr: '' };
      return {
        ...end,
        stdout: journal === '' ? 'message\n' : '',
        outcome: 'exited' as const,
        exitCode: 0,
        stderr: journal,
      };
    },
    stream(command: readonly string[]) {
      started.push(command.join(' '));
      const opened = openStream();
      if (command.includes('--output=json') && !command.includes('--follow')) {
        for (const line of kept ?? []) opened.push(line);
        opened.end(kept === null ? refused : { reason: 'exited', exitCode: 0, stderr: '' });
        return opened.stream;
      }
      stream = opened;
      return opened.stream;
    },
  } as unknown as HostAccess;
  const source = createSource('kernel-log', '/dev/kmsg', systemClock);
  let news = 0;
  const onXid = (): void => {
    news += 1;
  };
  const options = { access, clock: systemClock, source, kernelLog: 'auto', intervalSeconds: () => 1, onXid };
  return {
    faults: createFaults(options),
    source,
    started,
    news: () => news,
    print: (...lines) => {
      for (const line of lines) stream?.push(line);
    },
    end: (end) => stream?.end(end),
  };
}

function openStream() {
  const lines: (string | null)[] = [];
  let wake = (): void => {};
  let finish = (_: StreamEnd): void => {};
  const ended = new Promise<StreamEnd>((resolve) => {
    finish = resolve;
  });
  const push = (line: string | null): void => {
    lines.push(line);
    wake();
  };
  async function* read(): AsyncGenerator<string> {
    while (true) {
      const line = lines.shift();
      if (line === null) return;
      if (line !== undefined) yield line;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  const end = (reason: StreamEnd): void => {
    push(null);
    finish(reason);
  };
  const stream: LineStream = {
    lines: read(),
    ended,
    stop: async () => end({ reason: 'stopped', stderr: '' }),
  };
  return { stream, push, end };
}

const refused: StreamEnd = {
  reason: 'exited',
  exitCode: 1,
  stderr: 'cat: /dev/kmsg: Operation not permitted\n',
};

describe('the kernel log', () => {
  beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-11-25T12:00:00Z') }));
  afterEach(() => vi.useRealTimers());
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

  test('counts what is there since boot, and what comes, one entry a GPU and number', async () => {
    const { faults, source, print, news } = play();
    const started = faults.start();
    await pass(0);
    print(xid(1, 48, 3600), xid(2, 48, 7200), xid(3, 31, 7200, '0000:af:00'), 'usb 1-1: new device');
    await pass(0.2);
    await started;
    expect(news()).toBe(0);
    expect(source.status).toMatchObject({ state: 'ok', command: 'cat /dev/kmsg' });
    await pass(10);
    print(xid(9, 48, 43_000));
    await pass(0);
    expect(news()).toBe(1);
    expect(faults.view([gpu]).xids).toEqual([
      {
        xid: 48,
        pciBusId: '00000000:3B:00.0',
        gpuUuid: uuid,
        count: 3,
        firstAt: '2026-11-25T01:00:00.000Z',
        lastAt: '2026-11-25T12:00:10.200Z',
        lastText: 'text 9',
        lastPid: 7,
        lastProcessName: 'python',
      },
      expect.objectContaining({ xid: 31, pciBusId: '00000000:AF:00.0', gpuUuid: null, count: 1 }),
    ]);
    await faults.stop();
  });

  test('what was there before stays of then, though it comes late or in parts, as from a far host', async () => {
    const { faults, source, print } = play();
    void faults.start();
    await pass(3);
    expect(source.status.state).not.toBe('ok');
    print(xid(1, 48, 3600));
    await pass(0.9);
    print(xid(2, 79, 7200));
    await pass(0.5);
    expect(source.status.state).toBe('ok');
    expect(faults.view([gpu]).xids.map(({ lastAt }) => lastAt)).toEqual([
      '2026-11-25T01:00:00.000Z',
      '2026-11-25T02:00:00.000Z',
    ]);
    await pass(1);
    print(xid(3, 79, 43_000));
    await pass(0);
    expect(faults.view([gpu]).xids.find(({ xid: number }) => number === 79)).toMatchObject({
      count: 2,
      lastAt: '2026-11-25T12:00:05.400Z',
    });
    await faults.stop();
  });

  test('a log without a line is one that was read', async () => {
    const { faults, source, print } = play();
    void faults.start();
    await pass(6);
    expect(source.status).toMatchObject({ state: 'ok' });
    print(xid(1, 48, 40_000));
    await pass(0);
    expect(faults.view([gpu]).xids[0]?.lastAt).toBe('2026-11-25T12:00:06.000Z');
    await faults.stop();
  });

  test('takes from the journal what came before the ring buffer begins, and nothing twice', async () => {
    const entry = (line: string): string => {
      const [, seconds = '', message] = /^4,\d+,(\d+),-;(.*)$/.exec(line) ?? [];
      return JSON.stringify({ MESSAGE: message, _SOURCE_MONOTONIC_TIMESTAMP: seconds });
    };
    const kept = [xid(1, 48, 60), xid(2, 79, 90), xid(5, 48, 3600)].map(entry);
    const { faults, started, print } = play('', kept);
    void faults.start();
    await pass(0);
    print(xid(5, 48, 3600), xid(6, 48, 7200));
    await pass(1);
    expect(started.filter((command) => command.startsWith('journalctl'))).toHaveLength(1);
    expect(faults.view([gpu]).xids).toMatchObject([
      {
        xid: 48,
        count: 3,
        firstAt: '2026-11-25T00:01:00.000Z',
        lastAt: '2026-11-25T02:00:00.000Z',
        lastText: 'text 6',
      },
      { xid: 79, count: 1, firstAt: '2026-11-25T00:01:30.000Z' },
    ]);
    await faults.stop();
  });

  test('says that the journal could not be read for what came before', async () => {
    const { faults, print } = play('', null);
    void faults.start();
    await pass(0);
    print(xid(5, 48, 3600));
    await pass(1);
    expect(faults.problems).toMatchObject([{ field: 'kernel-log', text: 'journalctl' }]);
    await faults.stop();
  });

  test('asks no journal where the ring buffer holds all since boot', async () => {
    const { faults, started, print } = play('', []);
    void faults.start();
    await pass(0);
    print(xid(0, 48, 60));
    await pass(1);
    expect(started).toEqual(['cat /dev/kmsg']);
    await faults.stop();
  });

  test('a line that names an Xid and cannot be read is a problem', async () => {
    const { faults, print } = play();
    void faults.start();
    await pass(0);
    print('4,0,1000000,-;NVRM: Xid (nowhere): 79, x');
    await pass(1);
    expect(faults.problems).toEqual([
      { field: 'kernel-log', text: 'NVRM: Xid (nowhere): 79, x', message: 'names an Xid and cannot be read' },
    ]);
    await faults.stop();
  });

  test('counts nothing twice when the ring buffer is read from its beginning again', async () => {
    const { faults, started, print, end } = play();
    void faults.start();
    await pass(0);
    print(xid(5, 13, 100), xid(6, 13, 101));
    await pass(1);
    end({ reason: 'exited', exitCode: 1, stderr: 'cat: /dev/kmsg: Broken pipe\n' });
    await pass(5);
    expect(started.filter((command) => command.startsWith('cat'))).toHaveLength(2);
    print(xid(5, 13, 100), xid(6, 13, 101), xid(7, 13, 102));
    await pass(1);
    expect(faults.view([gpu]).xids).toMatchObject([{ count: 3, lastText: 'text 7' }]);
    await faults.stop();
  });

  test('where the ring buffer is refused, the journal is asked; where that is too, it is said and tried again', async () => {
    const { faults, source, started, end } = play(
      'Hint: You are currently not seeing messages from other users',
    );
    void faults.start();
    await pass(0);
    end(refused);
    await pass(0.1);
    expect(source.status).toMatchObject({
      state: 'failed',
      failure: {
        code: 'insufficient-permissions',
        message: expect.stringMatching(/not permitted; journalctl says: .*systemd-journal or adm/),
      },
    });
    expect(started.at(-1)).toMatch(/^journalctl --dmesg --boot --lines=1/);
    await pass(2);
    expect(started.filter((command) => command === 'cat /dev/kmsg')).toHaveLength(2);
    await faults.stop();
  });

  test('a journal without a message of the kernel is one that does not show it', async () => {
    const { faults, source, end } = play('No journal files were found.');
    void faults.start();
    await pass(0);
    end(refused);
    await pass(0.1);
    expect(source.status).toMatchObject({
      state: 'failed',
      failure: { message: expect.stringContaining('No journal files were found') },
    });
    await faults.stop();
  });

  test('goes on in the journal after its last line', async () => {
    const { faults, started, print, end } = play('');
    void faults.start();
    await pass(0);
    end(refused);
    await pass(0.1);
    const entry = {
      __CURSOR: 's=1;i=2',
      __REALTIME_TIMESTAMP: '1700000000000000',
      MESSAGE: xid(1, 94, 1).split(';')[1],
    };
    print(JSON.stringify(entry));
    await pass(1);
    expect(faults.view([gpu]).xids).toMatchObject([{ xid: 94, lastAt: '2023-11-14T22:13:20.000Z' }]);
    end({ reason: 'exited', exitCode: 1, stderr: 'Journal file corrupted\n' });
    await pass(1.1);
    end(refused);
    await pass(0.1);
    expect(started.at(-1)).toContain('--after-cursor=s=1;i=2');
    await faults.stop();
  });

  test('no kmsg and no journal is no fault', async () => {
    const { faults, source, end } = play();
    void faults.start();
    await pass(0);
    end({ reason: 'not-found', stderr: '' });
    await pass(0.1);
    expect(source.status).toMatchObject({ state: 'absent', failures: 0 });
    await faults.stop();
  });

  test('a flood of lines stays one entry a GPU and number, and many numbers stay within a report', async () => {
    const { faults, print } = play();
    void faults.start();
    await pass(0);
    for (let batch = 0; batch < 10; batch += 1) {
      for (let at = 0; at < 10_000; at += 1) print(xid(batch * 10_000 + at + 1, 13, at));
      await pass(0);
    }
    expect(faults.view([gpu]).xids).toMatchObject([{ xid: 13, count: 100_000 }]);
    for (let number = 1; number <= 2000; number += 1) print(xid(1_000_000 + number, number, number));
    await pass(0);
    expect(faults.view([gpu]).xids).toHaveLength(pushLimits.xids);
    expect(faults.problems).toMatchObject([{ field: 'kernel-log', message: 'are more than are reported' }]);
    await faults.stop();
  }, 30_000);

  test('tells a GPU that fell off the bus without an Xid, and errors of a switch', async () => {
    const { faults, print } = play();
    void faults.start();
    await pass(0);
    print(
      '4,1,1,-;NVRM: GPU 0000:3b:00.0: GPU has fallen off the bus.',
      '4,2,1,-;nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 12028, Fatal, Link 32 egress',
    );
    await pass(1);
    expect(faults.view([gpu]).troubles).toMatchObject([
      { kind: 'gpu-lost', gpuUuid: uuid, count: 1 },
      { kind: 'switch-error', gpuUuid: null, lastText: 'SXid 12028: Fatal, Link 32 egress' },
    ]);
    await faults.stop();
  });
});

describe('a log file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gf-kernel-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is followed by a real program; another boot in it begins the counts anew', async () => {
    const path = join(folder, 'kern.log');
    const line = (seconds: string) =>
      `Nov 25 10:00:00 box kernel: [${seconds}] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, GPU has fallen off the bus.\n`;
    writeFileSync(path, line('90000.000000') + line('90001.000000'));
    const access = createLocalAccess();
    const source = createSource('kernel-log', path, systemClock);
    const options = { access, clock: systemClock, source, kernelLog: path, intervalSeconds: () => 1 };
    const faults = createFaults(options);
    await faults.start();
    expect(faults.view([gpu]).xids).toMatchObject([{ xid: 79, count: 2, gpuUuid: uuid }]);
    appendFileSync(path, line('   12.000000'));
    await vi.waitFor(() => expect(faults.view([gpu]).xids).toMatchObject([{ count: 1 }]), 5000);
    await faults.stop();
    await access.close();
  });

  test('that is not there is said', async () => {
    const access = createLocalAccess();
    const path = join(folder, 'missing');
    const source = createSource('kernel-log', path, systemClock);
    const faults = createFaults({
      access,
      clock: systemClock,
      source,
      kernelLog: path,
      intervalSeconds: () => 1,
    });
    await faults.start();
    expect(source.status).toMatchObject({ state: 'failed', failure: { message: `${path} is not there` } });
    await faults.stop();
    await access.close();
  });
});

describe('what the readings say', () => {
  test('has its beginning, and loses it when it is over', () => {
    const { faults } = play();
    const hot = { ...gpu, throttleReasons: ['hw_thermal_slowdown', 'hw_slowdown'] };
    const [first] = faults.view([hot]).starts;
    expect(first).toMatchObject({ gpuUuid: uuid, key: 'throttle:hw_thermal_slowdown' });
    expect(faults.view([hot]).starts).toEqual([first]);
    expect(faults.view([gpu]).starts).toEqual([]);
  });

  test('time is counted from sample to sample, and not over gaps', () => {
    const meter = createThrottleMeter(() => 3);
    meter.note('a', ['sw_power_cap', 'gpu_idle'], 0);
    meter.note('a', ['sw_power_cap'], 1);
    meter.note('a', [], 2.5);
    meter.note('a', ['hw_thermal_slowdown'], 3);
    meter.note('a', ['hw_thermal_slowdown'], 60);
    meter.note('a', null, 61);
    meter.note('a', ['hw_thermal_slowdown'], 62);
    expect(meter.times).toEqual(
      [
        { gpuUuid: 'a', reason: 'sw_power_cap', seconds: 2.5 },
        { gpuUuid: 'a', reason: 'hw_thermal_slowdown', seconds: 0 },
      ].filter(({ seconds }) => seconds > 0),
    );
  });
});
