import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { standingOf, standings, standingWhy } from '../components/host-standing.ts';
import { groupHosts, isUnusualHost } from './grouping.ts';
import { cellAt, layoutMap, neighbour } from './map-layout.ts';
import { isUnusualGpu, odditiesOf, whyUnusual } from './oddities.ts';
import { rampIndex, ramps } from './ramp.ts';

const gpu = (uuid: string, change: Partial<GpuSummary> = {}): GpuSummary => ({
  uuid,
  index: 0,
  name: 'NVIDIA H100',
  state: 'ok',
  utilizationRatio: 0.5,
  memoryUsedBytes: 1,
  memoryTotalBytes: 2,
  temperatureCelsius: 50,
  powerWatts: 300,
  powerLimitWatts: 700,
  throttleReasons: [],
  migDevices: [],
  processCount: 1,
  faults: [],
  ...change,
});

const host = (id: string, gpuCount: number, change: Partial<HostSummary> = {}): HostSummary => ({
  id,
  hostname: id,
  group: 'train',
  labels: [],
  state: 'ok',
  stateReason: 'reporting',
  stateSince: '2026-01-01T00:00:00Z',
  lastReportAt: '2026-01-01T00:00:00Z',
  intervalSeconds: 5,
  current: true,
  driverVersion: '580.1',
  cudaVersion: '13.0',
  containerCount: 0,
  maintenance: null,
  gpus: Array.from({ length: gpuCount }, (_, index) => gpu(`${id}-${index}`, { index })),
  ...change,
});

describe('layoutMap', () => {
  const fleets = fc.record({
    sizes: fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 1, maxLength: 300 }),
    width: fc.integer({ min: 200, max: 2000 }),
  });

  it('keeps every cell inside the width, and finds each by a point in it', () => {
    fc.assert(
      fc.property(fleets, ({ sizes, width }) => {
        const hosts = sizes.map((size, index) => host(`h${index}`, size));
        const layout = layoutMap(groupHosts(hosts, 'none'), width);
        expect(layout.cells).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
        for (const [index, cell] of layout.cells.entries()) {
          expect(cell.x + layout.density.cellWidth).toBeLessThanOrEqual(width);
          expect(cell.y + layout.density.cellHeight).toBeLessThanOrEqual(layout.height);
          expect(cellAt(layout, cell.x + 1, cell.y + 1)).toBe(index);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('places ten thousand GPUs', () => {
    const hosts = Array.from({ length: 1250 }, (_, index) => host(`h${index}`, 8));
    const layout = layoutMap(groupHosts(hosts, 'none'), 1400);
    expect(layout.cells).toHaveLength(10_000);
    expect(layout.height).toBeLessThan(2_500);
  });

  it('moves to the cell beside, and stays at the edge', () => {
    const layout = layoutMap(groupHosts([host('a', 16)], 'none'), 1000);
    expect(neighbour(layout, 0, 'ArrowRight')).toBe(1);
    expect(neighbour(layout, 0, 'ArrowDown')).toBe(8);
    expect(neighbour(layout, 9, 'ArrowUp')).toBe(1);
    expect(neighbour(layout, 0, 'ArrowLeft')).toBe(0);
    expect(neighbour(layout, 15, 'ArrowDown')).toBe(15);
    expect(neighbour(layout, -1, 'ArrowDown')).toBe(0);
  });
});

describe('only unusual', () => {
  it('keeps what is lost, hot or throttled by heat, and not what idles', () => {
    expect(isUnusualGpu(gpu('a'))).toBe(false);
    expect(isUnusualGpu(gpu('a', { throttleReasons: ['gpu_idle', 'sw_power_cap'] }))).toBe(false);
    expect(isUnusualGpu(gpu('a', { throttleReasons: ['hw_thermal_slowdown'] }))).toBe(true);
    expect(isUnusualGpu(gpu('a', { state: 'lost' }))).toBe(true);
    expect(isUnusualGpu(gpu('a', { temperatureCelsius: 88 }))).toBe(true);
    expect(isUnusualGpu(gpu('a', { utilizationRatio: 0, processCount: 2 }))).toBe(true);
    expect(isUnusualHost(host('a', 1, { state: 'gone' }))).toBe(true);
    expect(isUnusualHost(host('a', 1))).toBe(false);
  });
});

describe('why a GPU is unusual', () => {
  const why = (change: Partial<GpuSummary>) => whyUnusual(host('a', 0), gpu('a', change));
  const xid = {
    severity: 'critical',
    key: 'xid:95',
    title: 'Xid 95: Uncontained memory error',
    since: null,
  } as const;
  const heat = {
    severity: 'warning',
    key: 'throttle:hw_thermal_slowdown',
    title: 'Slowed down by heat',
    since: null,
  } as const;

  it.each<[string | null, Partial<GpuSummary>]>([
    [null, {}],
    ['Xid 95: Uncontained memory error', { faults: [xid] }],
    // Told once, though nvidia-smi names both reasons.
    [
      'Slowed down by heat; hot: 91\u00a0°C',
      {
        faults: [heat],
        throttleReasons: ['hw_slowdown', 'hw_thermal_slowdown'],
        temperatureCelsius: 91,
      },
    ],
    ['clocks held down: a new reason', { throttleReasons: ['gpu_idle', 'a_new_reason'] }],
    ['idle, though held by 2 processes', { utilizationRatio: 0, processCount: 2 }],
    ['draws 800\u00a0W of 700\u00a0W', { powerWatts: 800 }],
    ['lost', { state: 'lost', utilizationRatio: null }],
    [
      'Xid 95: Uncontained memory error',
      { state: 'lost', faults: [{ ...xid, key: 'gpu-lost', title: 'The GPU is lost' }, xid] },
    ],
    ['The GPU is lost', { state: 'lost', faults: [{ ...xid, title: 'The GPU is lost' }] }],
  ])('%s', (expected, change) => {
    expect(why(change)).toBe(expected);
    expect(odditiesOf(gpu('a', change)).length > 0).toBe(expected !== null);
  });

  it('is the host, where the host is what is wrong, and not another GPU of it', () => {
    const reason = 'nvidia-smi does not answer';
    expect(whyUnusual(host('a', 0, { state: 'driver-hung', stateReason: reason }), gpu('a'))).toBe(reason);
    expect(whyUnusual(host('a', 0, { state: 'gpu-lost', stateReason: 'GPU 5: lost' }), gpu('a'))).toBeNull();
  });

  it('stands at the host too, the worst GPU first, and keeps it in "only unusual"', () => {
    const warned = host('a', 0, { gpus: [gpu('x', { index: 0, faults: [heat] })] });
    const failing = host('a', 0, {
      gpus: [gpu('x', { index: 0, faults: [heat] }), gpu('y', { index: 2, faults: [xid] })],
    });
    expect([warned, failing, host('a', 1)].map(standingOf)).toEqual(['gpu-warning', 'gpu-fault', 'ok']);
    expect(standingWhy(failing)).toBe('GPU 2: Xid 95: Uncontained memory error, and 1 more');
    expect(standingWhy(host('a', 1))).toBeNull();
    expect(isUnusualHost(failing)).toBe(true);
    expect(standings.indexOf('gpu-fault')).toBeLessThan(standings.indexOf('ok'));
  });
});

describe('groupHosts', () => {
  it('sorts groups as people count', () => {
    const groups = groupHosts([host('a', 1, { group: 'rack10' }), host('b', 2, { group: 'rack9' })], 'group');
    expect(groups.map((group) => [group.name, group.gpuCount])).toEqual([
      ['rack9', 2],
      ['rack10', 1],
    ]);
  });
});

describe('ramps', () => {
  const light = (colour: string) =>
    colour
      .match(/\d+/g)!
      .map(Number)
      .reduce((sum, value) => sum + value, 0);

  it('gets steadily brighter on dark and darker on light', () => {
    expect(light(ramps.dark.colours[63]!)).toBeGreaterThan(light(ramps.dark.colours[0]!));
    expect(light(ramps.light.colours[63]!)).toBeLessThan(light(ramps.light.colours[0]!));
  });

  it('takes any number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (share) => {
        expect(ramps.dark.colours[rampIndex(share)]).toBeDefined();
      }),
    );
  });
});
