import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportedFaults, XidCount } from '../model/index.ts';
import { gpuFixture } from '../protocol/push-fixture.ts';
import { gpuFindings, hostFaults } from './index.ts';

const gpu = { ...gpuFixture(3), uuid: 'GPU-3', pciBusId: '00000000:3B:00.0' };
const kinds = (changes: object) =>
  gpuFindings({ ...gpu, ...changes }).map(({ key, severity }) => [key, severity]);

describe('gpuFindings', () => {
  it('finds nothing wrong with a GPU that is well', () => expect(gpuFindings(gpu)).toEqual([]));

  it.each([
    ['a lost GPU, and nothing else', { state: 'lost', persistenceMode: false }, [['gpu-lost', 'critical']]],
    ['a GPU without values', { state: 'failed' }, [['gpu-failed', 'critical']]],
    ['a reset that the driver asks for', { recoveryAction: 'Reset' }, [['recovery-action', 'critical']]],
    ['no new work', { recoveryAction: 'Drain P2P' }, [['recovery-action', 'warning']]],
    [
      'rows that are to be remapped',
      { remappedRows: { ...gpu.remappedRows, pending: true, failure: true } },
      [
        ['remapping-failed', 'critical'],
        ['remapping-pending', 'warning'],
      ],
    ],
    ['pages', { retiredPages: { ...gpu.retiredPages, pending: true } }, [['retirement-pending', 'warning']]],
    ['no retired page', { retiredPages: { singleBit: 0, doubleBit: 0, pending: false } }, []],
    [
      'rows that were remapped, which is good to know',
      { remappedRows: { ...gpu.remappedRows, correctable: 3, uncorrectable: 2 } },
      [['rows-remapped', 'info']],
    ],
    [
      'rows that were remapped after corrected errors, which is nothing',
      { remappedRows: { ...gpu.remappedRows, correctable: 3 } },
      [],
    ],
    [
      'a failed remapping, which says more than the rows before it',
      { remappedRows: { ...gpu.remappedRows, uncorrectable: 9, failure: true } },
      [['remapping-failed', 'critical']],
    ],
    [
      'uncorrectable errors of its past, which are good to know',
      {
        ecc: {
          volatile: { correctable: 0, uncorrectable: 0 },
          aggregate: { correctable: 0, uncorrectable: 7 },
        },
      },
      [['ecc-uncorrectable-past', 'info']],
    ],
    [
      'uncorrectable errors of now, told once',
      {
        ecc: {
          volatile: { correctable: 0, uncorrectable: 2 },
          aggregate: { correctable: 0, uncorrectable: 7 },
        },
      },
      [['ecc-uncorrectable', 'warning']],
    ],
    [
      'errors that ECC could not correct',
      { ecc: { ...gpu.ecc, volatile: { correctable: 9, uncorrectable: 2 } } },
      [['ecc-uncorrectable', 'warning']],
    ],
    [
      'corrected errors are none',
      { ecc: { ...gpu.ecc, volatile: { correctable: 9, uncorrectable: 0 } } },
      [],
    ],
    [
      'heat, once',
      { throttleReasons: ['hw_slowdown', 'hw_thermal_slowdown', 'sw_power_cap', 'gpu_idle'] },
      [['throttle:hw_thermal_slowdown', 'warning']],
    ],
    [
      'a slowdown without a cause',
      { throttleReasons: ['hw_slowdown'] },
      [['throttle:hw_slowdown', 'warning']],
    ],
    ['power cap, which is no fault', { throttleReasons: ['sw_power_cap', 'constructor'] }, []],
    ['lanes', { pcie: { ...gpu.pcie, width: 8 } }, [['pcie-width', 'warning']]],
    [
      'generation under load',
      { pcie: { ...gpu.pcie, generation: 1 }, utilization: { ...gpu.utilization, gpuRatio: 0.9 } },
      [['pcie-generation', 'warning']],
    ],
    [
      'generation of an idle GPU, which is no fault',
      { pcie: { ...gpu.pcie, generation: 1 }, utilization: { ...gpu.utilization, gpuRatio: 0.02 } },
      [],
    ],
    ['a fabric that is well', { fabric: { state: 'Completed', status: 'Success' } }, []],
    ['no fabric', { fabric: { state: 'Not Supported', status: null } }, []],
    ['a fabric on its way', { fabric: { state: 'In Progress', status: null } }, [['fabric', 'warning']]],
    [
      'a fabric that failed',
      { fabric: { state: 'Completed', status: 'NVLink error' } },
      [['fabric', 'critical']],
    ],
    ['persistence off', { persistenceMode: false }, [['persistence-off', 'info']]],
    ['persistence not told', { persistenceMode: null }, []],
  ])('%s', (_, changes, expected) => expect(kinds(changes)).toEqual(expected));

  it.each([
    ['one is good to know', 1, 0, 'pages-retired', 'info'],
    ['some for double-bit errors', 0, 14, 'pages-retired', 'info'],
    ['many for double-bit errors', 0, 15, 'pages-retired-many', 'warning'],
    ['many for single-bit errors alone', 59, null, 'pages-retired', 'info'],
    ['as many as a GPU is replaced for', 40, 20, 'pages-retired-limit', 'critical'],
  ])('of retired pages %s', (_, singleBit, doubleBit, kind, severity) =>
    expect(kinds({ retiredPages: { singleBit, doubleBit, pending: false } })).toEqual([[kind, severity]]),
  );

  it('gives each its words, and keys once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.string(),
        fc.option(fc.integer()),
        (throttleReasons, text, width) => {
          const found = gpuFindings({
            ...gpu,
            throttleReasons: [...new Set(throttleReasons)],
            recoveryAction: text,
            fabric: { state: text, status: text },
            pcie: { ...gpu.pcie, width },
          });
          for (const { title, advice } of found) expect(title.length * advice.length).toBeGreaterThan(0);
          expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
        },
      ),
    );
  });
});

const xid = (changes: Partial<XidCount>): XidCount => ({
  xid: 79,
  pciBusId: '00000000:3B:00.0',
  gpuUuid: null,
  count: 1,
  firstAt: '2026-11-25T10:00:00.000Z',
  lastAt: '2026-11-25T11:00:00.000Z',
  lastText: 'GPU has fallen off the bus.',
  lastPid: null,
  lastProcessName: null,
  ...changes,
});
const nothing: ReportedFaults = { xids: [], troubles: [], throttles: [], starts: [] };
const faultsOf = (reported: ReportedFaults | null, gpus = [gpu]) =>
  hostFaults({
    gpus,
    keyOf: ({ uuid }) => uuid ?? '',
    reported,
    onHubClock: (time) => time.replace('T1', 'T0'),
  });

describe('hostFaults', () => {
  it('says what an Xid means, whose it is and what to do, by the clock of the hub', () => {
    const [fault] = faultsOf({
      ...nothing,
      xids: [xid({ count: 4, lastPid: 7, lastProcessName: 'python' })],
    });
    expect(fault).toEqual({
      kind: 'xid',
      key: 'xid:79',
      severity: 'critical',
      gpuUuid: 'GPU-3',
      gpuIndex: 3,
      pciBusId: '00000000:3B:00.0',
      xid: 79,
      title: 'Xid 79: GPU has fallen off the bus',
      detail: 'GPU has fallen off the bus.; process 7 (python)',
      advice: expect.stringContaining('power-cycle'),
      source: 'https://docs.nvidia.com/deploy/xid-errors/',
      count: 4,
      since: '2026-11-25T00:00:00.000Z',
      lastAt: '2026-11-25T01:00:00.000Z',
    });
  });

  it('puts the worst first, then the newest', () => {
    const xids = [
      xid({ xid: 13, lastAt: '2026-11-25T12:00:00.000Z' }),
      xid({ xid: 48, lastAt: '2026-11-25T10:30:00.000Z' }),
      xid({ xid: 63 }),
      xid({ xid: 95 }),
    ];
    expect(faultsOf({ ...nothing, xids }).map((fault) => fault.xid)).toEqual([95, 48, 13, 63]);
  });

  it('keeps what it cannot place, and tells a fall off the bus once', () => {
    const trouble = { ...xid({}), kind: 'gpu-lost' as const };
    expect(
      faultsOf({ ...nothing, xids: [xid({})], troubles: [trouble] }, []).map(({ kind }) => kind),
    ).toEqual(['xid']);
    const other = { ...trouble, pciBusId: '00000000:AF:00.0' };
    expect(faultsOf({ ...nothing, troubles: [other] })).toMatchObject([
      { kind: 'gpu-lost', gpuUuid: null, pciBusId: '00000000:AF:00.0', severity: 'critical' },
    ]);
  });

  it('knows since when a reading is bad; of an older agent it does not', () => {
    const slow = { ...gpu, persistenceMode: false };
    const at = '2026-11-25T10:00:00.000Z';
    const starts = [{ gpuUuid: 'GPU-3', key: 'persistence-off', at }];
    expect(faultsOf({ ...nothing, starts }, [slow])).toMatchObject([{ since: '2026-11-25T00:00:00.000Z' }]);
    expect(faultsOf(null, [slow])).toMatchObject([{ kind: 'persistence-off', since: null, count: null }]);
  });
});
