import { powerWattsOf } from '../model/index.ts';
import type { EmitSample, ExposedGpu, ExposedHost, Family, PreparedLabels, Unit } from './family.ts';
import { label } from './family.ts';

type Keyed = readonly (readonly [key: string, value: number | null])[];

const gpuLabels = ['host', 'gpu', 'uuid'] as const;

/** Reasons that every driver knows, so that an inactive one is 0 and not a missing series. */
export const knownThrottleReasons = [
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'hw_slowdown',
  'hw_thermal_slowdown',
  'hw_power_brake_slowdown',
  'sync_boost',
  'sw_thermal_slowdown',
] as const;

interface Shape {
  readonly name: string;
  readonly help: string;
  readonly unit?: Unit;
  readonly type?: 'gauge' | 'counter';
}

function perGpu(shape: Shape, read: (gpu: ExposedGpu) => number | null | undefined): Family {
  return {
    name: shape.name,
    help: shape.help,
    type: shape.type ?? 'gauge',
    unit: shape.unit ?? null,
    labels: gpuLabels,
    told: 'while-current',
    perGpu: true,
    emit(host, prepared, sample) {
      for (const [i, gpu] of host.gpus.entries()) sample(prepared.gpus[i] ?? '', read(gpu) ?? null);
    },
  };
}

/** Keys are few, and the same for every GPU. */
const mostKeptLabels = 256;

/** `,name="key"`, kept for the keys that come again. */
function keptLabels(name: string): (key: string) => string {
  const kept = new Map<string, string>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = `,${label(name, key)}`;
    if (kept.size < mostKeptLabels) kept.set(key, made);
    return made;
  };
}

/** `read` tells each key once. */
function perGpuAnd(shape: Shape, labelName: string, read: (gpu: ExposedGpu) => Keyed): Family {
  const more = keptLabels(labelName);
  return {
    ...perGpu(shape, () => null),
    labels: [...gpuLabels, labelName],
    emit(host, prepared, sample) {
      for (const [i, gpu] of host.gpus.entries())
        for (const [key, value] of read(gpu)) sample(prepared.gpus[i] ?? '', value, more(key));
    },
  };
}

function throttleFlags(gpu: ExposedGpu): Keyed {
  const active = gpu.throttleReasons;
  if (active === null) return [];
  const known: readonly string[] = knownThrottleReasons;
  const others = active.length === 0 ? [] : [...new Set(active)].filter((reason) => !known.includes(reason));
  return [...known, ...others.sort()].map((reason) => [reason, active.includes(reason) ? 1 : 0] as const);
}

function emitGpuInfo(host: ExposedHost, prepared: PreparedLabels, sample: EmitSample): void {
  for (const [i, gpu] of host.gpus.entries()) {
    const labels = [
      prepared.gpus[i] ?? '',
      label('name', gpu.name),
      label('architecture', gpu.architecture),
      label('compute_capability', gpu.computeCapability),
      label('pci_bus_id', gpu.pciBusId),
      label('vbios_version', gpu.vbiosVersion),
      label('driver_version', host.driverVersion),
    ];
    sample(labels.join(','), 1);
  }
}

/** Everything that is told per GPU. */
export const gpuFamilies: readonly Family[] = [
  {
    ...perGpu({ name: 'gpufleet_gpu_info', help: 'What the GPU is; always 1.' }, () => null),
    labels: [
      ...gpuLabels,
      'name',
      'architecture',
      'compute_capability',
      'pci_bus_id',
      'vbios_version',
      'driver_version',
    ],
    emit: emitGpuInfo,
  },
  perGpu(
    { name: 'gpufleet_gpu_up', help: '1 if the GPU answers, 0 if it is lost or gives no values.' },
    (gpu) => (gpu.state === 'ok' ? 1 : 0),
  ),
  perGpu(
    {
      name: 'gpufleet_gpu_utilization_ratio',
      help: 'Share of the sample period in which a kernel ran on the GPU.',
      unit: 'ratio',
    },
    (gpu) => gpu.utilization.gpuRatio,
  ),
  perGpu(
    {
      name: 'gpufleet_gpu_memory_utilization_ratio',
      help: 'Share of the sample period in which GPU memory was read or written.',
      unit: 'ratio',
    },
    (gpu) => gpu.utilization.memoryRatio,
  ),
  perGpu(
    { name: 'gpufleet_gpu_encoder_utilization_ratio', help: 'Use of the video encoder.', unit: 'ratio' },
    (gpu) => gpu.utilization.encoderRatio,
  ),
  perGpu(
    { name: 'gpufleet_gpu_decoder_utilization_ratio', help: 'Use of the video decoder.', unit: 'ratio' },
    (gpu) => gpu.utilization.decoderRatio,
  ),
  perGpu(
    { name: 'gpufleet_gpu_memory_used_bytes', help: 'GPU memory in use.', unit: 'bytes' },
    (gpu) => gpu.memory.usedBytes,
  ),
  perGpu(
    { name: 'gpufleet_gpu_memory_free_bytes', help: 'GPU memory that is free.', unit: 'bytes' },
    (gpu) => gpu.memory.freeBytes,
  ),
  perGpu(
    { name: 'gpufleet_gpu_memory_total_bytes', help: 'GPU memory in all.', unit: 'bytes' },
    (gpu) => gpu.memory.totalBytes,
  ),
  perGpu(
    {
      name: 'gpufleet_gpu_memory_reserved_bytes',
      help: 'GPU memory that driver and firmware keep for themselves.',
      unit: 'bytes',
    },
    (gpu) => gpu.memory.reservedBytes,
  ),
  perGpu(
    {
      name: 'gpufleet_gpu_unattributed_memory_bytes',
      help: 'GPU memory in use that belongs to no container, job, unit or user: driver, processes that ended.',
      unit: 'bytes',
    },
    (gpu) => gpu.unattributed?.usedMemoryBytes,
  ),
  perGpuAnd(
    { name: 'gpufleet_gpu_temperature_celsius', help: 'Temperature by sensor.', unit: 'celsius' },
    'sensor',
    (gpu) => [
      ['gpu', gpu.temperature.gpuCelsius],
      ['memory', gpu.temperature.memoryCelsius],
    ],
  ),
  perGpu(
    { name: 'gpufleet_gpu_power_watts', help: 'Power that the board draws.', unit: 'watts' },
    powerWattsOf,
  ),
  perGpu(
    { name: 'gpufleet_gpu_power_limit_watts', help: 'Power limit in force.', unit: 'watts' },
    (gpu) => gpu.power.limitWatts,
  ),
  perGpu(
    {
      name: 'gpufleet_gpu_energy_joules_total',
      help: 'Energy since the agent started, integrated from power; gaps are left out.',
      unit: 'joules',
      type: 'counter',
    },
    (gpu) => gpu.energyJoules,
  ),
  perGpuAnd(
    { name: 'gpufleet_gpu_clock_hertz', help: 'Clock now, by domain.', unit: 'hertz' },
    'clock',
    (gpu) => [
      ['graphics', gpu.clocks.graphicsHertz],
      ['sm', gpu.clocks.smHertz],
      ['memory', gpu.clocks.memoryHertz],
      ['video', gpu.clocks.videoHertz],
    ],
  ),
  perGpu(
    { name: 'gpufleet_gpu_fan_ratio', help: 'Fan speed as a share of its maximum.', unit: 'ratio' },
    (gpu) => gpu.fanRatio,
  ),
  perGpuAnd(
    { name: 'gpufleet_gpu_throttle_active', help: '1 while the reason holds clocks down.' },
    'reason',
    throttleFlags,
  ),
  {
    ...perGpu(
      { name: 'gpufleet_gpu_ecc_errors_total', help: 'Memory errors counted by ECC.', type: 'counter' },
      () => null,
    ),
    labels: [...gpuLabels, 'type', 'scope'],
    emit(host, prepared, sample) {
      for (const [i, gpu] of host.gpus.entries())
        for (const scope of ['volatile', 'aggregate'] as const)
          for (const type of ['correctable', 'uncorrectable'] as const)
            sample(prepared.gpus[i] ?? '', gpu.ecc[scope][type], `,type="${type}",scope="${scope}"`);
    },
  },
  perGpuAnd(
    { name: 'gpufleet_gpu_remapped_rows_total', help: 'Memory rows that were remapped.', type: 'counter' },
    'type',
    (gpu) => [
      ['correctable', gpu.remappedRows.correctable],
      ['uncorrectable', gpu.remappedRows.uncorrectable],
    ],
  ),
  perGpu(
    { name: 'gpufleet_gpu_pcie_link_generation', help: 'PCIe generation of the link now.' },
    (gpu) => gpu.pcie.generation,
  ),
  perGpu(
    { name: 'gpufleet_gpu_pcie_link_width', help: 'PCIe lanes of the link now.' },
    (gpu) => gpu.pcie.width,
  ),
];
