import { describe, expect, it } from 'vitest';
import type {
  ContainerView,
  FieldOrigin,
  GpuDetail,
  HostDetail,
  HostRaw,
  RawText,
} from '../../lib/model/index.ts';
import { gpuFixture, processFixture } from '../../lib/protocol/push-fixture.ts';
import { explain } from './explain.ts';
import { gpuSubject, powerSubject } from './subject.ts';

const gigabyte = 1024 ** 3;
const containerId = 'c'.repeat(64);
const gpu: GpuDetail = {
  ...gpuFixture(0),
  hostId: 'h',
  hostname: 'gpu-01',
  current: true,
  ageSeconds: 1,
  processes: [processFixture(7, containerId), processFixture(8)],
  unattributed: { usedMemoryBytes: 9 * gigabyte, overcountBytes: 0, pids: [8] },
};
const uuid = gpu.uuid ?? '';
const source = (name: string, command: string) => ({
  source: name,
  command,
  failure: null,
  lastSuccessAt: null,
});
const host = {
  id: 'h',
  current: true,
  stateReason: '',
  takenAt: '2026-01-01T00:00:00.000Z',
  stack: { kernelDriverVersion: '580.95.05', dockerVersion: null },
  agent: { startedAt: '2026-01-01T00:00:00.000Z' },
  gpus: [gpu],
  containers: [
    { id: containerId, gpus: [{ gpuUuid: uuid, usedMemoryBytes: gigabyte }] } as unknown as ContainerView,
  ],
  sources: [
    source('nvidia-smi-stream', 'nvidia-smi --query-gpu=power.draw'),
    source('nvidia-smi-xml', 'nvidia-smi -q -x'),
    source('driver-version', '/proc/driver/nvidia/version'),
  ],
} as unknown as HostDetail;
const origins: readonly FieldOrigin[] = [
  { field: 'power.drawWatts', kind: 'watts', query: ['power.draw'], xml: ['gpu_power_readings/power_draw'] },
  { field: 'fanRatio', kind: 'looseRatio', query: ['fan.speed'], xml: ['fan_speed'] },
  { field: 'memory.usedBytes', kind: 'bytes', query: [], xml: ['fb_memory_usage/used'] },
];
const text = (name: string, printed: string, form: RawText['form'] = 'query'): RawText => ({
  form,
  name,
  text: printed,
});
const raw: HostRaw = {
  takenAt: host.takenAt,
  gpus: {
    [uuid]: {
      'power.drawWatts': text('power.draw', '300.00 W'),
      fanRatio: text('fan.speed', '[N/A]'),
      'processes.7...usedMemoryBytes': text('processes/process_info[1]/used_memory', '1024 MiB', 'xml'),
      detailsMemoryUsedBytes: text('fb_memory_usage/used', '10240 MiB', 'xml'),
    },
  },
  host: { kernelDriverVersion: text('/proc/driver/nvidia/version', 'NVRM version: … 580.95.05', 'file') },
};
const known = { host, raw, origins };

describe('explain', () => {
  it('tells command, column, text and exact value of a number', () =>
    expect(explain(powerSubject(gpu), known)).toMatchObject({
      title: 'Power of GPU 0',
      value: '300\u00a0W',
      why: null,
      api: 'power.drawWatts = 300 watts',
      command: 'nvidia-smi --query-gpu=power.draw',
      place: { what: 'Column', name: 'power.draw' },
      printed: '300.00 W',
      sampledAt: gpu.sampledAt,
    }));

  it('says why a number is missing, with what stands in its place', () => {
    const told = explain(gpuSubject(gpu, 'fanRatio', 'Fan'), known);
    expect(told).toMatchObject({ value: null, printed: '[N/A]' });
    expect(told.why).toContain('[N/A]');
    const lost = {
      ...gpu,
      state: 'lost' as const,
      failure: { code: 'gpu-lost' as const, message: 'GPU is lost', gpu: null },
    };
    const without = { host: { ...host, gpus: [lost] }, raw: null, origins };
    expect(explain(gpuSubject(lost, 'fanRatio', 'Fan'), without).why).toBe('GPU is lost');
  });

  it('still says where a number is told when no text has come', () =>
    expect(
      explain(gpuSubject(gpu, 'memory.usedBytes', 'Memory'), { host, raw: null, origins }),
    ).toMatchObject({
      printed: null,
      command: 'nvidia-smi -q -x',
      place: { what: 'Element', name: 'fb_memory_usage/used' },
      sampledAt: gpu.detailsSampledAt,
    }));

  it('takes the field that told the power', () => {
    const instant = { ...gpu, power: { ...gpu.power, drawWatts: null, instantWatts: 5 } };
    expect(powerSubject(instant)).toMatchObject({ field: 'power.instantWatts' });
  });

  it('gives the formula of the rest, with the processes that were taken off and their text', () => {
    const { formula, value } = explain({ kind: 'unattributed', gpuUuid: uuid, label: 'rest' }, known);
    expect(value).toBe('9.00\u00a0GiB');
    expect(formula?.inputs).toEqual([
      { name: 'Memory in use then', value: '10.0\u00a0GiB', printed: '10240 MiB' },
      { name: 'PID 7 on GPU 0', value: '1.00\u00a0GiB', printed: '1024 MiB' },
    ]);
  });

  it('adds up a container from its own processes only', () => {
    const told = explain({ kind: 'owner', containerId, gpuUuid: null, label: 'c' }, known);
    expect(told.value).toBe('1.00\u00a0GiB');
    expect(told.formula?.inputs.map(({ name }) => name)).toEqual(['PID 7 on GPU 0']);
  });

  it('names the power and the start that energy is counted from', () => {
    const told = explain({ kind: 'energy', gpuUuid: uuid, label: 'e' }, known);
    expect(told.formula?.inputs[0]).toMatchObject({ printed: '300.00 W' });
  });

  it('shows the line that a version of the host was read from, and why one is not there', () => {
    expect(explain({ kind: 'host', field: 'kernelDriverVersion', label: 'Driver' }, known)).toMatchObject({
      value: '580.95.05',
      printed: 'NVRM version: … 580.95.05',
      place: { what: 'File', name: '/proc/driver/nvidia/version' },
      command: null,
    });
    expect(explain({ kind: 'host', field: 'dockerVersion', label: 'Docker' }, known).why).toMatch(
      /not there/,
    );
  });

  it('says so of a GPU that is gone', () =>
    expect(explain({ kind: 'energy', gpuUuid: 'other', label: 'e' }, known).why).toMatch(/no report/));
});
