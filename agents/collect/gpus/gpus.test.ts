import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Gpu, GpuProcess } from '../../../lib/model/index.ts';
import { emptyGpu, parseSmiXml, type QueryGpuRow, type SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { RunResult } from '../../access/host-access.ts';
import { systemClock } from '../clock.ts';
import { createSource } from '../source.ts';
import { contradicts, misses } from './change.ts';
import { conditionOf } from './condition.ts';
import { createEnergyMeter } from './energy.ts';
import { createFieldChoice } from './field-choice.ts';
import { type MergeInput, mergeGpus, type Sample } from './merge.ts';
import { isNamed, readDocument, withFailedGpu } from './read.ts';
import { createSamples } from './samples.ts';

const whole = readFileSync(
  new URL('../../access/simulated/hosts/h100x8-mig/commands/nvidia-smi-q-x.xml', import.meta.url),
  'utf8',
);
const mebibyte = 1024 * 1024;
const gpu = (uuid: string, more: Partial<Gpu> = {}): Gpu => ({
  ...emptyGpu(),
  uuid,
  name: 'H100',
  pciBusId: `00000000:0${uuid.at(-1)}:00.0`,
  memory: { totalBytes: 80_000 * mebibyte, usedBytes: 1000 * mebibyte, freeBytes: null, reservedBytes: null },
  ...more,
});
const process = (pid: number): GpuProcess => ({
  pid,
  type: 'C',
  name: 'python',
  usedMemoryBytes: 900 * mebibyte,
  smRatio: null,
  gpuInstanceId: null,
  computeInstanceId: null,
});
const document = (...gpus: Gpu[]): SmiDocument => ({
  driverVersion: '550.1',
  kernelDriverVersion: null,
  cudaVersion: '12.4',
  timestamp: null,
  attachedGpus: gpus.length,
  gpus: gpus.map((each) => ({ gpu: each, state: 'ok', failure: null, extra: {} })),
  problems: [],
  failure: null,
});
const row = (uuid: string, more: Partial<QueryGpuRow> = {}): QueryGpuRow => ({
  uuid,
  index: 0,
  timestamp: null,
  driverVersion: '550.1',
  gpu: { memory: { usedBytes: 1000 * mebibyte }, utilization: { gpuRatio: 0.5 } },
  state: 'ok',
  failure: null,
  extra: {},
  ...more,
});
const sample = (of: QueryGpuRow, sampledSeconds: number): Sample => ({
  row: of,
  printed: null,
  sampledAt: `at ${sampledSeconds}`,
  sampledSeconds,
});
const input = (more: Partial<MergeInput>): MergeInput => ({
  latest: { document: document(gpu('GPU-1')), printed: '', sampledAt: 'at 90', sampledSeconds: 90 },
  detailsAreCurrent: true,
  samples: new Map([['GPU-1', sample(row('GPU-1'), 99)]]),
  nowSeconds: 100,
  freshSeconds: 10,
  ...more,
});

describe('merging', () => {
  test('lays the newest row over the document, each with its time', () => {
    const [merged] = mergeGpus(input({}));
    expect(merged).toMatchObject({ state: 'ok', sampledAt: 'at 99', detailsSampledAt: 'at 90' });
    expect(merged?.gpu).toMatchObject({ name: 'H100', utilization: { gpuRatio: 0.5 } });
  });

  test('keeps the memory of the moment at which the processes were read beside the newer one', () => {
    const read = gpu('GPU-1', { memory: { ...emptyGpu().memory, usedBytes: 900 } });
    const latest = { document: document(read), printed: '', sampledAt: 'at 90', sampledSeconds: 90 };
    const [merged] = mergeGpus(input({ latest }));
    expect(merged?.detailsMemoryUsedBytes).toBe(900);
    expect(merged?.gpu.memory.usedBytes).toBe(1000 * mebibyte);
    expect(mergeGpus(input({ latest, detailsAreCurrent: false }))[0]?.detailsMemoryUsedBytes).toBeNull();
  });

  test('a row that is too old is no reading; neither is anything while the driver hangs', () => {
    const old = mergeGpus(input({ nowSeconds: 120 }))[0];
    expect(old?.gpu).toMatchObject({
      name: 'H100',
      utilization: { gpuRatio: null },
      memory: { usedBytes: null },
    });
    expect(old?.gpu.memory.totalBytes).toBe(80_000 * mebibyte);
    expect(mergeGpus(input({ freshSeconds: -1 }))[0]?.gpu.utilization.gpuRatio).toBeNull();
  });

  test('after a document that failed, processes and use of MIG devices are known no more', () => {
    const mig = { index: 0, gpuInstanceId: 1, computeInstanceId: 0, uuid: null, profile: '1g.10gb' };
    const memory = { totalBytes: 10, usedBytes: 4, freeBytes: 6 };
    const busy = gpu('GPU-1', { processes: [process(1)], migDevices: [{ ...mig, memory }] });
    const latest = { document: document(busy), printed: '', sampledAt: 'at 90', sampledSeconds: 90 };
    expect(mergeGpus(input({ latest }))[0]?.gpu.processes).toHaveLength(1);
    const [merged] = mergeGpus(input({ latest, detailsAreCurrent: false }));
    expect(merged?.gpu.processes).toEqual([]);
    expect(merged?.gpu.migDevices[0]?.memory).toEqual({ totalBytes: 10, usedBytes: null, freeBytes: null });
    expect(merged?.gpu.utilization.gpuRatio).toBe(0.5);
  });

  test('after a document that failed, nothing that only it told is shown as now', () => {
    const [fixture] = parseSmiXml(whole).gpus;
    const told = fixture?.gpu ?? emptyGpu();
    const latest = {
      document: document({ ...told, uuid: 'GPU-1' }),
      printed: '',
      sampledAt: 'at 90',
      sampledSeconds: 90,
    };
    const [merged] = mergeGpus(input({ latest, detailsAreCurrent: false }));
    const { gpu: left } = merged ?? { gpu: told };
    const nothing = emptyGpu();
    expect(told).not.toMatchObject({ ecc: nothing.ecc, recoveryAction: null });
    expect(left).toMatchObject({
      ecc: nothing.ecc,
      remappedRows: nothing.remappedRows,
      retiredPages: nothing.retiredPages,
      recoveryAction: null,
      utilization: { ...nothing.utilization, gpuRatio: 0.5 },
      memory: { ...nothing.memory, totalBytes: told.memory.totalBytes, usedBytes: 1000 * mebibyte },
      bar1: { usedBytes: null, freeBytes: null },
      pcie: { txBytesPerSecond: null, rxBytesPerSecond: null, replays: null },
      temperature: { gpuCelsius: null },
      name: told.name,
      power: { drawWatts: null, maxLimitWatts: told.power.maxLimitWatts },
    });
  });

  test('a GPU that only the stream knows is there too, while its row is fresh', () => {
    const samples = new Map([['GPU-9', sample(row('GPU-9', { gpu: { name: 'new' } }), 99)]]);
    expect(mergeGpus(input({ samples })).map((each) => each.gpu.uuid)).toEqual(['GPU-1', 'GPU-9']);
    expect(mergeGpus(input({ samples, nowSeconds: 120 })).map((each) => each.gpu.uuid)).toEqual(['GPU-1']);
  });

  test('a GPU that a row calls lost is lost until a newer document says otherwise', () => {
    const lost = new Map([['GPU-1', sample(row('GPU-1', { state: 'lost', gpu: {} }), 99)]]);
    expect(mergeGpus(input({ samples: lost }))[0]).toMatchObject({
      state: 'lost',
      gpu: { performanceState: null },
    });
  });
});

describe('signs of a change', () => {
  const known = document(gpu('GPU-1', { processes: [process(1), process(2)] }), gpu('GPU-2'));
  const used = (uuid: string, mebibytes: number): QueryGpuRow =>
    row(uuid, { gpu: { memory: { usedBytes: mebibytes * mebibyte } } });

  test.each([
    ['the same', row('GPU-1'), false],
    ['a little memory among several processes', used('GPU-1', 1200), false],
    ['much memory', used('GPU-1', 1300), true],
    ['a little memory where no process was', used('GPU-2', 1020), true],
    ['an unknown GPU', row('GPU-3'), true],
    ['another driver', row('GPU-1', { driverVersion: '560.1' }), true],
    ['lost', row('GPU-1', { state: 'lost' }), true],
    ['memory that is not told', row('GPU-1', { gpu: {} }), false],
  ])('%s: %#', (_name, seen, expected) => {
    expect(contradicts(known, seen)).toBe(expected);
  });

  test('a GPU that is missing', () => {
    expect(misses(known, new Set(['GPU-1', 'GPU-2']))).toBe(false);
    expect(misses(known, new Set(['GPU-1']))).toBe(true);
  });
});

describe('energy', () => {
  test('adds power over time and leaves gaps out', () => {
    const meter = createEnergyMeter(() => 15);
    expect(meter.joules('GPU-1')).toBeNull();
    meter.note('GPU-1', 100, 0);
    meter.note('GPU-1', 200, 10);
    expect(meter.joules('GPU-1')).toBe(1500);
    meter.note('GPU-1', 200, 40);
    expect(meter.joules('GPU-1')).toBe(1500);
    meter.note('GPU-1', null, 45);
    meter.note('GPU-1', 200, 50);
    meter.note('GPU-1', 200, 55);
    expect(meter.joules('GPU-1')).toBe(2500);
    expect(meter.joules('GPU-2')).toBeNull();
  });
});

describe('a lost GPU in a failure text', () => {
  const failure = { code: 'gpu-lost', message: 'GPU is lost', gpu: '0000:02:00.0' } as const;

  test('is found by a bus id of four or eight digits, by index and by uuid', () => {
    const named = { gpu: gpu('GPU-2', { index: 7 }) };
    for (const name of ['0000:02:00.0', '00000000:02:00.0', '7', 'GPU-2'])
      expect(isNamed(named, name)).toBe(true);
    for (const name of ['0000:03:00.0', '0001:02:00.0', '8', 'GPU-1'])
      expect(isNamed(named, name)).toBe(false);
  });

  test('stays on the host, also when the new document leaves it out', () => {
    const both = document(gpu('GPU-1'), gpu('GPU-2'));
    const states = (of: SmiDocument): string[] => of.gpus.map((each) => `${each.gpu.uuid} ${each.state}`);
    expect(states(withFailedGpu(both, failure))).toEqual(['GPU-1 ok', 'GPU-2 lost']);
    expect(states(withFailedGpu(document(gpu('GPU-1')), failure, both))).toEqual(['GPU-1 ok', 'GPU-2 lost']);
    expect(states(withFailedGpu(document(gpu('GPU-1')), failure))).toEqual(['GPU-1 ok']);
    const unknown = { ...failure, code: 'unknown-error' } as const;
    expect(states(withFailedGpu(document(gpu('GPU-1')), unknown, both))).toEqual([
      'GPU-1 ok',
      'GPU-2 failed',
    ]);
    expect(states(withFailedGpu(both, { ...unknown, gpu: null }))).toEqual(['GPU-1 ok', 'GPU-2 ok']);
  });
});

describe('one run of nvidia-smi -q -x', () => {
  const ran = (more: Partial<RunResult>): RunResult => ({
    outcome: 'exited',
    exitCode: 0,
    stdout: '',
    stderr: '',
    durationSeconds: 1,
    ...more,
  });
  test.each([
    [{ outcome: 'not-found' }, 'absent', 'command-not-found'],
    [{ outcome: 'not-permitted', stderr: 'spawn EACCES' }, 'failed', 'insufficient-permissions'],
    [{ outcome: 'timeout' }, 'hung', 'timeout'],
    [{ outcome: 'hung' }, 'hung', 'timeout'],
    [{ outcome: 'signalled' }, 'failed', 'unknown-error'],
    [{ outcome: 'too-much-output' }, 'failed', 'truncated'],
    [{ stdout: '' }, 'failed', 'unknown-error'],
    [{ stdout: 'No devices were found\n', exitCode: 6 }, 'failed', 'no-devices'],
    [{ stdout: '<?xml version="1.0" ?>\n<nvidia_smi_log>\n<gpu id="0', exitCode: 0 }, 'failed', 'truncated'],
    [{ stdout: '<nvidia_smi_log></nvidia_smi_log>' }, 'failed', 'no-devices'],
    [
      { stderr: 'libnvidia-ml.so: cannot open shared object file', exitCode: 127 },
      'failed',
      'library-missing',
    ],
  ] as const)('%j is %s, %s', (result, state, code) => {
    expect(readDocument('nvidia-smi', ran(result as Partial<RunResult>))).toMatchObject({
      state,
      failure: { code },
    });
  });

  test('says when a document tells of fewer GPUs than it says are attached', () => {
    const renamed = whole.replace('<gpu ', '<device ').replace('</gpu>', '</device>');
    const outcome = readDocument('nvidia-smi', ran({ stdout: renamed }));
    const count = parseSmiXml(whole).gpus.length;
    expect(outcome).toMatchObject({
      state: 'ok',
      value: {
        problems: [
          {
            field: 'xml:/attached_gpus',
            text: `${count}`,
            message: `are attached, and the document tells of ${count - 1}`,
          },
        ],
      },
    });
  });

  test('shows what a stranger printed, on one clean line', () => {
    const outcome = readDocument('nvidia-smi', ran({ stdout: `rocm-smi\u0007\n\n${'x'.repeat(9000)}` }));
    if (outcome.state === 'ok') throw new Error('taken for a document');
    expect(outcome.failure?.message).toMatch(/printed: rocm-smi x+…$/);
    expect(parseSmiXml('').failure).not.toBeNull();
  });
});

describe('the condition', () => {
  const ok = { state: 'ok', value: document(gpu('GPU-1')) } as const;
  const lost = { state: 'failed', failure: { code: 'unknown-error', message: 'ended', gpu: null } } as const;
  const hung = { state: 'hung', failure: { code: 'timeout', message: 'no answer', gpu: null } } as const;

  test('starts, is ok, and follows the stream', () => {
    const of = (...args: Parameters<typeof conditionOf>): string => conditionOf(...args).condition;
    expect(of(null, null, null)).toBe('starting');
    expect(of(ok, 5, null)).toBe('ok');
    expect(of(ok, 5, { outcome: hung, atSeconds: 1, inARow: 1 })).toBe('driver-hung');
    expect(of(ok, 5, { outcome: lost, atSeconds: 9, inARow: 1 })).toBe('ok');
    expect(of(ok, 5, { outcome: lost, atSeconds: 9, inARow: 2 })).toBe('driver-failed');
    expect(of(ok, 15, { outcome: lost, atSeconds: 9, inARow: 2 })).toBe('ok');
    expect(of(hung, 5, null)).toBe('driver-hung');
  });
});

test('rows of a GPU that nothing names end the wait for the first sample', async () => {
  const told: string[] = [];
  const samples = createSamples({
    clock: systemClock,
    source: createSource('stream', 'nvidia-smi', systemClock),
    intervalSeconds: () => 1,
    document: () => null,
    onSample: (event) => void told.push(event),
    onHint: () => undefined,
  });
  samples.events.onRow(row('GPU-1', { uuid: null, index: null }), { columns: [], line: '' });
  await samples.first;
  expect(told).toEqual(['sample']);
  expect(samples.newest.size).toBe(0);
});

test('a field that the driver refuses is left out from then on, and told', () => {
  const choice = createFieldChoice();
  expect(choice.fields[0]).toBe('uuid');
  expect(choice.leaveOutRefused('Field "temperature.memory" is not a valid field to query.')).toBe(true);
  expect(choice.fields).not.toContain('temperature.memory');
  expect(choice.leaveOutRefused('Field "temperature.memory" is not a valid field to query.')).toBe(false);
  expect(choice.leaveOutRefused('GPU-1, 0')).toBe(false);
  expect(choice.problems).toMatchObject([{ field: 'csv:temperature.memory' }]);
});
