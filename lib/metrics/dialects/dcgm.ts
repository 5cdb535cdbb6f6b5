import { kernelBusId, powerWattsOf, type XidCount } from '../../model/index.ts';
import { type ExposedGpu, type ExposedHost, label } from '../family.ts';
import { type Dialect, type DialectFamily, flag, rounded, type Say } from './dialect.ts';

const mebi = 1024 ** 2;

/** Names up to dcgm-exporter 4.8 with their units, and since 4.9, where eleven of them have another unit. */
interface Pair {
  readonly old: string | null;
  readonly oldHelp: string;
  readonly type: 'gauge' | 'counter';
  readonly new: string | null;
  readonly newHelp?: string;
  readonly read: (gpu: ExposedGpu, host: ExposedHost) => number | null | undefined;
  /** From the base unit that `read` gives to that of the old name, and of the new one. */
  readonly oldOf?: (value: number | null) => number | null;
  readonly newOf?: (value: number | null) => number | null;
}

const percent = (value: number | null) => rounded(value, 100);
const megahertz = (value: number | null) => rounded(value, 1e-6);
const mebibytes = (value: number | null) => (value === null ? null : Math.floor(value / mebi));
const gauge = { type: 'gauge' } as const;
const counter = { type: 'counter' } as const;

/** Source: default-counters.csv of dcgm-exporter 4.5 and the field table of DCGM 4.7. */
const pairs: readonly Pair[] = [
  {
    old: 'DCGM_FI_DEV_SM_CLOCK',
    oldHelp: 'SM clock frequency (in MHz).',
    ...gauge,
    new: 'DCGM_FI_DEV_SM_CLOCK_HERTZ',
    newHelp: 'SM clock frequency (in Hz).',
    read: ({ clocks }) => clocks.smHertz,
    oldOf: megahertz,
  },
  {
    old: 'DCGM_FI_DEV_MEM_CLOCK',
    oldHelp: 'Memory clock frequency (in MHz).',
    ...gauge,
    new: 'DCGM_FI_DEV_MEMORY_CLOCK_HERTZ',
    newHelp: 'Memory clock frequency (in Hz).',
    read: ({ clocks }) => clocks.memoryHertz,
    oldOf: megahertz,
  },
  {
    old: 'DCGM_FI_DEV_GPU_TEMP',
    oldHelp: 'GPU temperature (in C).',
    ...gauge,
    new: 'DCGM_FI_DEV_GPU_TEMP_CELSIUS',
    read: ({ temperature }) => temperature.gpuCelsius,
  },
  {
    old: 'DCGM_FI_DEV_MEMORY_TEMP',
    oldHelp: 'Memory temperature (in C).',
    ...gauge,
    new: 'DCGM_FI_DEV_MEMORY_TEMP_CELSIUS',
    read: ({ temperature }) => temperature.memoryCelsius,
  },
  {
    old: 'DCGM_FI_DEV_POWER_USAGE',
    oldHelp: 'Power draw (in W).',
    ...gauge,
    new: 'DCGM_FI_DEV_BOARD_POWER_WATTS',
    read: powerWattsOf,
  },
  {
    old: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    oldHelp: 'Energy since the agent started (in mJ).',
    ...counter,
    new: 'DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL',
    newHelp: 'Energy since the agent started (in J).',
    read: ({ energyJoules }) => energyJoules,
    oldOf: (value) => rounded(value, 1000),
  },
  {
    old: 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER',
    oldHelp: 'Total number of PCIe retries.',
    ...counter,
    new: 'DCGM_FI_DEV_PCIE_REPLAY_TOTAL',
    read: ({ pcie }) => pcie.replays,
  },
  {
    old: 'DCGM_FI_DEV_GPU_UTIL',
    oldHelp: 'GPU utilization (in %).',
    ...gauge,
    new: 'DCGM_FI_DEV_GPU_UTIL_RATIO',
    newHelp: 'GPU utilization (0 to 1).',
    read: ({ utilization }) => utilization.gpuRatio,
    oldOf: percent,
  },
  {
    old: 'DCGM_FI_DEV_MEM_COPY_UTIL',
    oldHelp: 'Memory utilization (in %).',
    ...gauge,
    new: 'DCGM_FI_DEV_MEMORY_UTIL_RATIO',
    newHelp: 'Memory utilization (0 to 1).',
    read: ({ utilization }) => utilization.memoryRatio,
    oldOf: percent,
  },
  {
    old: 'DCGM_FI_DEV_ENC_UTIL',
    oldHelp: 'Encoder utilization (in %).',
    ...gauge,
    new: 'DCGM_FI_DEV_ENC_UTIL_RATIO',
    newHelp: 'Encoder utilization (0 to 1).',
    read: ({ utilization }) => utilization.encoderRatio,
    oldOf: percent,
  },
  {
    old: 'DCGM_FI_DEV_DEC_UTIL',
    oldHelp: 'Decoder utilization (in %).',
    ...gauge,
    new: 'DCGM_FI_DEV_DEC_UTIL_RATIO',
    newHelp: 'Decoder utilization (0 to 1).',
    read: ({ utilization }) => utilization.decoderRatio,
    oldOf: percent,
  },
  {
    old: 'DCGM_FI_DEV_FB_FREE',
    oldHelp: 'Frame buffer memory free (in MiB).',
    ...gauge,
    new: 'DCGM_FI_DEV_FB_FREE_BYTES',
    newHelp: 'Frame buffer memory free (in bytes).',
    read: ({ memory }) => memory.freeBytes,
    oldOf: mebibytes,
  },
  {
    old: 'DCGM_FI_DEV_FB_USED',
    oldHelp: 'Frame buffer memory used (in MiB).',
    ...gauge,
    new: 'DCGM_FI_DEV_FB_USED_BYTES',
    newHelp: 'Frame buffer memory used (in bytes).',
    read: ({ memory }) => memory.usedBytes,
    oldOf: mebibytes,
  },
  {
    old: 'DCGM_FI_DEV_FB_RESERVED',
    oldHelp: 'Frame buffer memory reserved (in MiB).',
    ...gauge,
    new: 'DCGM_FI_DEV_FB_RESERVED_BYTES',
    newHelp: 'Frame buffer memory reserved (in bytes).',
    read: ({ memory }) => memory.reservedBytes,
    oldOf: mebibytes,
  },
  {
    old: 'DCGM_FI_DEV_FB_TOTAL',
    oldHelp: 'Frame buffer memory in all (in MiB).',
    ...gauge,
    new: 'DCGM_FI_DEV_FB_CAPACITY_BYTES',
    newHelp: 'Frame buffer memory in all (in bytes).',
    read: ({ memory }) => memory.totalBytes,
    oldOf: mebibytes,
  },
  {
    old: 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS',
    oldHelp: 'Number of remapped rows for uncorrectable errors',
    ...counter,
    new: 'DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL',
    read: ({ remappedRows }) => remappedRows.uncorrectable,
  },
  {
    old: 'DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS',
    oldHelp: 'Number of remapped rows for correctable errors',
    ...counter,
    new: 'DCGM_FI_DEV_ROW_REMAP_CORRECTABLE_TOTAL',
    read: ({ remappedRows }) => remappedRows.correctable,
  },
  {
    old: 'DCGM_FI_DEV_ROW_REMAP_FAILURE',
    oldHelp: 'Whether remapping of rows has failed',
    ...gauge,
    new: 'DCGM_FI_DEV_ROW_REMAP_FAILED',
    read: ({ remappedRows }) => flag(remappedRows.failure),
  },
  {
    old: 'DCGM_FI_DEV_ECC_SBE_VOL_TOTAL',
    oldHelp: 'Total number of single-bit volatile ECC errors.',
    ...counter,
    new: 'DCGM_FI_DEV_ECC_SBE_VOL_TOTAL',
    read: ({ ecc }) => ecc.volatile.correctable,
  },
  {
    old: 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL',
    oldHelp: 'Total number of double-bit volatile ECC errors.',
    ...counter,
    new: 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL',
    read: ({ ecc }) => ecc.volatile.uncorrectable,
  },
  {
    old: 'DCGM_FI_DEV_ECC_SBE_AGG_TOTAL',
    oldHelp: 'Total number of single-bit persistent ECC errors.',
    ...counter,
    new: 'DCGM_FI_DEV_ECC_SBE_AGG_TOTAL',
    read: ({ ecc }) => ecc.aggregate.correctable,
  },
  {
    old: 'DCGM_FI_DEV_ECC_DBE_AGG_TOTAL',
    oldHelp: 'Total number of double-bit persistent ECC errors.',
    ...counter,
    new: 'DCGM_FI_DEV_ECC_DBE_AGG_TOTAL',
    read: ({ ecc }) => ecc.aggregate.uncorrectable,
  },
  {
    old: 'DCGM_FI_DEV_RETIRED_SBE',
    oldHelp: 'Total number of retired pages due to single-bit errors.',
    ...counter,
    new: 'DCGM_FI_DEV_PAGE_RETIRED_SBE_TOTAL',
    read: ({ retiredPages }) => retiredPages.singleBit,
  },
  {
    old: 'DCGM_FI_DEV_RETIRED_DBE',
    oldHelp: 'Total number of retired pages due to double-bit errors.',
    ...counter,
    new: 'DCGM_FI_DEV_PAGE_RETIRED_DBE_TOTAL',
    read: ({ retiredPages }) => retiredPages.doubleBit,
  },
  {
    old: 'DCGM_FI_PROF_PCIE_TX_BYTES',
    oldHelp: 'The rate of data transmitted over the PCIe bus (in B/s).',
    ...gauge,
    new: 'DCGM_FI_PROF_PCIE_TX_BYTES',
    read: ({ pcie }) => pcie.txBytesPerSecond,
  },
  {
    old: 'DCGM_FI_PROF_PCIE_RX_BYTES',
    oldHelp: 'The rate of data received over the PCIe bus (in B/s).',
    ...gauge,
    new: 'DCGM_FI_PROF_PCIE_RX_BYTES',
    read: ({ pcie }) => pcie.rxBytesPerSecond,
  },
];

const same = (value: number | null): number | null => value;

/** The last Xid of a GPU, as DCGM tells it: 0 where none came, also none of which the log tells no time. */
function lastXid(gpu: ExposedGpu, host: ExposedHost): XidCount | null {
  const busId = gpu.pciBusId === null ? null : kernelBusId(gpu.pciBusId);
  const own = (host.faultCounts?.xids ?? []).filter(
    ({ gpuUuid, pciBusId }) => (gpuUuid !== null && gpuUuid === gpu.uuid) || kernelBusId(pciBusId) === busId,
  );
  return own.reduce<XidCount | null>(
    (last, each) => (last === null || (each.lastAt ?? '') >= (last.lastAt ?? '') ? each : last),
    null,
  );
}

function sayXid(gpu: ExposedGpu, say: Say, host: ExposedHost): void {
  // An agent that does not read the kernel log knows of none, which is not "none".
  if (host.faultCounts == null) return;
  const last = lastXid(gpu, host);
  const text = last === null ? 'No Error' : last.lastText.slice(0, 200);
  say(last?.xid ?? 0, `,${label('err_code', String(last?.xid ?? 0))},${label('err_msg', text)}`);
}

/** Memory of each MIG instance, under the names of the GPU's: with MIG, dashboards ask by instance. */
function sayInstances(
  gpu: ExposedGpu,
  say: Say,
  read: (memory: ExposedGpu['migDevices'][number]['memory']) => number | null,
) {
  for (const { profile, gpuInstanceId, memory } of gpu.migDevices)
    say(
      read(memory),
      `,${label('GPU_I_PROFILE', profile)},${label('GPU_I_ID', String(gpuInstanceId ?? ''))}`,
    );
}

const ofInstance: Readonly<Record<string, 'usedBytes' | 'freeBytes' | 'totalBytes'>> = {
  DCGM_FI_DEV_FB_USED: 'usedBytes',
  DCGM_FI_DEV_FB_FREE: 'freeBytes',
  DCGM_FI_DEV_FB_TOTAL: 'totalBytes',
};

function familiesOf(which: 'old' | 'new'): readonly DialectFamily[] {
  const xid: DialectFamily = {
    name: which === 'old' ? 'DCGM_FI_DEV_XID_ERRORS' : 'DCGM_FI_DEV_XID_ERROR',
    help: 'Value of the last XID error encountered.',
    type: 'gauge',
    gpu: sayXid,
  };
  const plain = pairs.flatMap((pair): DialectFamily[] => {
    const name = pair[which];
    if (name === null) return [];
    const convert = (which === 'old' ? pair.oldOf : pair.newOf) ?? same;
    const part = ofInstance[pair.old ?? ''];
    return [
      {
        name,
        help: which === 'old' ? pair.oldHelp : (pair.newHelp ?? pair.oldHelp),
        type: pair.type,
        gpu(gpu, say, host) {
          // The memory of a GPU with instances is theirs; both would be counted twice.
          if (part !== undefined && gpu.migDevices.length > 0)
            sayInstances(gpu, say, (memory) => convert(memory[part]));
          else say(convert(pair.read(gpu, host) ?? null));
        },
      },
    ];
  });
  return [...plain, xid];
}

const common = (gpu: ExposedGpu, shownName: string): string[] => [
  label('instance', shownName),
  label('gpu', String(gpu.index ?? '')),
  label('UUID', gpu.uuid),
  label('pci_bus_id', gpu.pciBusId),
  label('device', gpu.minorNumber === null ? '' : `nvidia${gpu.minorNumber}`),
  label('modelName', gpu.name),
];

/** Up to dcgm-exporter 4.8. The host's name under both spellings: 4.8.3 changed it from one to the other. */
export const dcgm: Dialect = {
  families: familiesOf('old'),
  gpuLabels: (gpu, host, shownName) =>
    [
      ...common(gpu, shownName),
      label('Hostname', shownName),
      label('hostname', shownName),
      label('DCGM_FI_DRIVER_VERSION', host.driverVersion),
    ].join(','),
};

/** Since dcgm-exporter 4.9. */
export const dcgm49: Dialect = {
  families: familiesOf('new'),
  gpuLabels: (gpu, host, shownName) =>
    [
      ...common(gpu, shownName),
      label('hostname', shownName),
      label('DCGM_FI_SYSTEM_DRIVER_VERSION', host.driverVersion),
    ].join(','),
};

/** The pairs of names, for the test that holds them against the published table. */
export const dcgmNames = pairs.map((pair) => [pair.old, pair.new] as const);
