import { describe, expect, test } from 'vitest';
import type { ReportedFaults } from '../../model/index.ts';
import { exampleGpu, exampleHost } from '../example-host.ts';
import { createFleetExposition } from '../render.ts';
import { dcgmNames } from './dcgm.ts';
import { type DialectName, dialectNames, renderDialect } from './index.ts';

/** Names up to dcgm-exporter 4.8 and since 4.9, of what nvidia-smi can tell: a published contract of theirs. */
const published = [
  ['DCGM_FI_DEV_SM_CLOCK', 'DCGM_FI_DEV_SM_CLOCK_HERTZ'],
  ['DCGM_FI_DEV_MEM_CLOCK', 'DCGM_FI_DEV_MEMORY_CLOCK_HERTZ'],
  ['DCGM_FI_DEV_GPU_TEMP', 'DCGM_FI_DEV_GPU_TEMP_CELSIUS'],
  ['DCGM_FI_DEV_MEMORY_TEMP', 'DCGM_FI_DEV_MEMORY_TEMP_CELSIUS'],
  ['DCGM_FI_DEV_POWER_USAGE', 'DCGM_FI_DEV_BOARD_POWER_WATTS'],
  ['DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL'],
  ['DCGM_FI_DEV_PCIE_REPLAY_COUNTER', 'DCGM_FI_DEV_PCIE_REPLAY_TOTAL'],
  ['DCGM_FI_DEV_GPU_UTIL', 'DCGM_FI_DEV_GPU_UTIL_RATIO'],
  ['DCGM_FI_DEV_MEM_COPY_UTIL', 'DCGM_FI_DEV_MEMORY_UTIL_RATIO'],
  ['DCGM_FI_DEV_ENC_UTIL', 'DCGM_FI_DEV_ENC_UTIL_RATIO'],
  ['DCGM_FI_DEV_DEC_UTIL', 'DCGM_FI_DEV_DEC_UTIL_RATIO'],
  ['DCGM_FI_DEV_FB_FREE', 'DCGM_FI_DEV_FB_FREE_BYTES'],
  ['DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_FB_USED_BYTES'],
  ['DCGM_FI_DEV_FB_RESERVED', 'DCGM_FI_DEV_FB_RESERVED_BYTES'],
  ['DCGM_FI_DEV_FB_TOTAL', 'DCGM_FI_DEV_FB_CAPACITY_BYTES'],
  ['DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', 'DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL'],
  ['DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS', 'DCGM_FI_DEV_ROW_REMAP_CORRECTABLE_TOTAL'],
  ['DCGM_FI_DEV_ROW_REMAP_FAILURE', 'DCGM_FI_DEV_ROW_REMAP_FAILED'],
  ['DCGM_FI_DEV_RETIRED_SBE', 'DCGM_FI_DEV_PAGE_RETIRED_SBE_TOTAL'],
  ['DCGM_FI_DEV_RETIRED_DBE', 'DCGM_FI_DEV_PAGE_RETIRED_DBE_TOTAL'],
] as const;

const base = exampleGpu();
const gpu = exampleGpu({
  uuid: 'GPU-AAAABBBB-0000-4000-8000-000000000000',
  index: 3,
  minorNumber: 3,
  pciBusId: '00000000:3B:00.0',
  utilization: { ...base.utilization, gpuRatio: 0.37, memoryRatio: 0.2 },
  memory: {
    totalBytes: 80 * 1024 ** 3,
    usedBytes: 10 * 1024 ** 3,
    freeBytes: 70 * 1024 ** 3,
    reservedBytes: null,
  },
  clocks: { ...base.clocks, smHertz: 1_980e6 },
  energyJoules: 12.5,
  performanceState: 'P2',
  recoveryAction: 'Drain and Reset',
  migDevices: [],
});
const faults = (xids: ReportedFaults['xids']): ReportedFaults => ({
  xids,
  troubles: [],
  throttles: [],
  starts: [],
});
const xid = (number: number, lastAt: string | null) => ({
  xid: number,
  pciBusId: '00000000:3B:00.0',
  gpuUuid: null,
  count: 2,
  firstAt: null,
  lastAt,
  lastText: 'a "text"',
  lastPid: null,
  lastProcessName: null,
});

const render = (name: DialectName, changes: Parameters<typeof exampleHost>[0] = {}) =>
  renderDialect(name, [
    { host: exampleHost({ gpus: [gpu], faultCounts: faults([]), ...changes }), shownName: 'gpu-01' },
  ]);
const value = (text: string, name: string): number =>
  Number(new RegExp(`^${name}\\{[^\\n]*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);

test('names of DCGM before and since are those that are published', () => {
  for (const pair of published) expect(dcgmNames).toContainEqual(pair);
});

test.each([
  ['dcgm', 'DCGM_FI_DEV_GPU_UTIL', 37],
  ['dcgm49', 'DCGM_FI_DEV_GPU_UTIL_RATIO', 0.37],
  ['dcgm', 'DCGM_FI_DEV_SM_CLOCK', 1980],
  ['dcgm49', 'DCGM_FI_DEV_SM_CLOCK_HERTZ', 1.98e9],
  ['dcgm', 'DCGM_FI_DEV_FB_USED', 10_240],
  ['dcgm49', 'DCGM_FI_DEV_FB_USED_BYTES', 10 * 1024 ** 3],
  ['dcgm', 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 12_500],
  ['dcgm49', 'DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL', 12.5],
  ['nvidia_smi', 'nvidia_smi_utilization_gpu_ratio', 0.37],
  ['nvidia_smi', 'nvidia_smi_pstate', 2],
  ['nvidia_smi', 'nvidia_smi_gpu_recovery_action', 4],
  ['nvidia_smi', 'nvidia_smi_clocks_current_sm_clock_hz', 1.98e9],
] as const)('%s: %s is %d', async (dialect, name, expected) => {
  expect(value(await render(dialect), name)).toBeCloseTo(expected, 6);
});

test('labels are spelled as each exporter spells them', async () => {
  const uuid = 'GPU-AAAABBBB-0000-4000-8000-000000000000';
  const [old, now, smi] = await Promise.all([render('dcgm'), render('dcgm49'), render('nvidia_smi')]);
  const labelsOf = (text: string, name: string) => new RegExp(`^${name}\\{(.*)\\}`, 'm').exec(text)?.[1];
  const driver = exampleHost().driverVersion;
  const common = `instance="gpu-01",gpu="3",UUID="${uuid}",pci_bus_id="00000000:3B:00.0",device="nvidia3",modelName="${gpu.name}"`;
  expect(labelsOf(old, 'DCGM_FI_DEV_GPU_TEMP')).toBe(
    `${common},Hostname="gpu-01",hostname="gpu-01",DCGM_FI_DRIVER_VERSION="${driver}"`,
  );
  expect(labelsOf(now, 'DCGM_FI_DEV_GPU_TEMP_CELSIUS')).toBe(
    `${common},hostname="gpu-01",DCGM_FI_SYSTEM_DRIVER_VERSION="${driver}"`,
  );
  expect(labelsOf(smi, 'nvidia_smi_index')).toBe(
    'instance="gpu-01",uuid="aaaabbbb-0000-4000-8000-000000000000"',
  );
});

describe('what is not known is not told', () => {
  test('nothing of a host whose numbers are old; of one that is gone not even its collection', async () => {
    for (const dialect of dialectNames) {
      const old = await render(dialect, { current: false });
      expect(old).not.toMatch(/GPU_UTIL|utilization|temperature/i);
      expect(await render(dialect, { current: false, state: 'gone' })).toBe('');
    }
  });

  test('a GPU that is lost has no series, and what the tool does not tell none either', async () => {
    expect(await render('dcgm', { gpus: [exampleGpu({ state: 'lost' })] })).toBe('');
    expect(await render('dcgm')).not.toContain('DCGM_FI_DEV_FB_RESERVED');
  });

  test('the last Xid: 0 while none came, nothing where the kernel log is not read', async () => {
    expect(value(await render('dcgm'), 'DCGM_FI_DEV_XID_ERRORS')).toBe(0);
    const xids = [xid(31, '2026-11-24T12:00:00.000Z'), xid(79, '2026-11-24T13:00:00.000Z'), xid(13, null)];
    const text = await render('dcgm', { faultCounts: faults(xids) });
    expect(text).toMatch(/^DCGM_FI_DEV_XID_ERRORS\{.*,err_code="79",err_msg="a \\"text\\""\} 79$/m);
    expect(await render('dcgm', { faultCounts: null })).not.toContain('XID');
    const smi = await render('nvidia_smi', { faultCounts: faults(xids) });
    expect(smi.match(/^nvidia_smi_xid_errors_total\{/gm)).toHaveLength(3);
    expect(smi.match(/^nvidia_smi_xid_last_timestamp_seconds\{/gm)).toHaveLength(2);
  });
});

test('with MIG the memory is that of the instances, and not the whole beside them', async () => {
  const device = (index: number) => ({
    index,
    gpuInstanceId: index + 7,
    computeInstanceId: 0,
    uuid: null,
    profile: '1g.10gb',
    memory: { totalBytes: 10 * 1024 ** 3, usedBytes: 1024 ** 3, freeBytes: 9 * 1024 ** 3 },
  });
  const text = await render('dcgm', { gpus: [{ ...gpu, migDevices: [device(0), device(1)] }] });
  const lines = text.split('\n').filter((line) => line.startsWith('DCGM_FI_DEV_FB_USED{'));
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(/,GPU_I_PROFILE="1g\.10gb",GPU_I_ID="[78]"\} 1024$/);
});

test('hosts of one name stay two, as in our own names', async () => {
  const exposition = createFleetExposition();
  for (const id of ['11111111-a', '22222222-b'])
    exposition.update(exampleHost({ id, hostname: 'twin', gpus: [gpu] }));
  const text = await renderDialect('nvidia_smi', exposition.hosts());
  const instances = [...text.matchAll(/^nvidia_smi_index\{instance="([^"]+)"/gm)].map((match) => match[1]);
  expect(instances.sort()).toEqual(['twin (11111111)', 'twin (22222222)']);
});

test('no series is there twice, whatever a driver tells', async () => {
  const twice = { ...gpu, processes: [...base.processes, ...base.processes] };
  for (const dialect of dialectNames) {
    const lines = (await render(dialect, { gpus: [twice, twice] }))
      .split('\n')
      .filter((line) => /^\w+\{/.test(line));
    const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
  }
});
