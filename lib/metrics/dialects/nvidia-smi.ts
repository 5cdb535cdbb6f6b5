import { kernelBusId, powerWattsOf } from '../../model/index.ts';
import { type ExposedGpu, type ExposedHost, label } from '../family.ts';
import { type Dialect, type DialectFamily, flag } from './dialect.ts';

type Read = (gpu: ExposedGpu) => number | null | undefined;

/** nvidia_gpu_exporter calls everything a gauge, with one help: the field's name. */
const gauge = (name: string, read: Read, field = name): DialectFamily => ({
  name: `nvidia_smi_${name}`,
  help: field,
  type: 'gauge',
  gpu: (gpu, say) => say(read(gpu)),
});

/** Without `GPU-`, in small letters: unlike DCGM's. */
export const bareUuid = (uuid: string | null): string => (uuid ?? '').replace(/^GPU-/, '').toLowerCase();

const index = (words: readonly string[], told: string | null): number | null => {
  const at = words.indexOf((told ?? '').toLowerCase());
  return at < 0 ? null : at;
};

const recoveryActions = ['none', 'reset', 'reboot', 'drain p2p', 'drain and reset'];
const fabricStates = ['not supported', 'not started', 'in progress', 'completed'];
const computeModes = ['default', 'exclusive_thread', 'prohibited', 'exclusive_process'];

/** What nvidia-smi has called the same reasons before and since driver 535. */
const reasons: Readonly<Record<string, string>> = {
  gpu_idle: 'gpu_idle',
  applications_clocks_setting: 'applications_clocks_setting',
  sw_power_cap: 'sw_power_cap',
  hw_slowdown: 'hw_slowdown',
  hw_thermal_slowdown: 'hw_thermal_slowdown',
  hw_power_brake_slowdown: 'hw_power_brake_slowdown',
  sw_thermal_slowdown: 'sw_thermal_slowdown',
  sync_boost: 'sync_boost',
};

const reasonFamilies = ['event', 'throttle'].flatMap((word) =>
  Object.entries(reasons).map(([reason, name]) =>
    gauge(`clocks_${word}_reasons_${name}`, ({ throttleReasons }) =>
      throttleReasons === null ? null : throttleReasons.includes(reason) ? 1 : 0,
    ),
  ),
);

const info: DialectFamily = {
  name: 'nvidia_smi_gpu_info',
  help: 'A metric with a constant 1 value labeled by gpu uuid and what it is.',
  type: 'gauge',
  gpu: (gpu, say, host) =>
    say(
      1,
      [
        '',
        label('name', gpu.name),
        label('vbios_version', gpu.vbiosVersion),
        label('driver_version', host.driverVersion),
        label('pci_bus_id', gpu.pciBusId),
        label('serial', gpu.serial),
        label('compute_cap', gpu.computeCapability),
        label('index', gpu.index === null ? null : String(gpu.index)),
        label('cuda_version', host.stack?.cudaVersion ?? null),
      ].join(','),
    ),
};

const processes: readonly DialectFamily[] = [
  {
    name: 'nvidia_smi_compute_app_info',
    help: 'A metric with a constant 1 value labeled by the process that uses the GPU.',
    type: 'gauge',
    gpu(gpu, say) {
      for (const { pid, name, type } of gpu.processes)
        if (type?.includes('C') !== false) say(1, appLabels(pid, name));
    },
  },
  {
    name: 'nvidia_smi_compute_app_used_memory_bytes',
    help: 'GPU memory that the process uses.',
    type: 'gauge',
    gpu(gpu, say) {
      for (const { pid, name, type, usedMemoryBytes } of gpu.processes)
        if (type?.includes('C') !== false) say(usedMemoryBytes, appLabels(pid, name));
    },
  },
  {
    name: 'nvidia_smi_compute_apps_last_collect_success',
    help: 'Whether the last collection of processes succeeded.',
    type: 'gauge',
    host: (host, say) => say(smiSucceeds(host)),
  },
];

const appLabels = (pid: number, name: string | null): string =>
  `,${label('pid', String(pid))},${label('process_name', name)}`;

const smiSucceeds = ({ sources }: ExposedHost): number | null => {
  const source = sources.find((each) => each.source === 'nvidia-smi-xml');
  return source === undefined ? null : source.state === 'ok' ? 1 : 0;
};

const collection: readonly DialectFamily[] = [
  {
    name: 'nvidia_smi_last_collect_success',
    help: 'Whether the last collection succeeded.',
    type: 'gauge',
    host: (host, say) => say(smiSucceeds(host)),
  },
  {
    name: 'nvidia_smi_last_collect_success_timestamp_seconds',
    help: 'When the last collection succeeded.',
    type: 'gauge',
    host(host, say) {
      const at = host.sources.find((each) => each.source === 'nvidia-smi-xml')?.lastSuccessAt ?? null;
      say(at === null ? null : Date.parse(at) / 1000);
    },
  },
  {
    name: 'nvidia_smi_last_collect_duration_seconds',
    help: 'How long the last collection took.',
    type: 'gauge',
    host: (host, say) =>
      say(host.sources.find((each) => each.source === 'nvidia-smi-xml')?.durationSeconds ?? null),
  },
];

function xidsOf(gpu: ExposedGpu, host: ExposedHost) {
  const busId = gpu.pciBusId === null ? null : kernelBusId(gpu.pciBusId);
  return (host.faultCounts?.xids ?? []).filter(
    ({ gpuUuid, pciBusId }) => (gpuUuid !== null && gpuUuid === gpu.uuid) || kernelBusId(pciBusId) === busId,
  );
}

/** What its NVML build tells beside, as far as the agent knows it. */
const beside: readonly DialectFamily[] = [
  {
    name: 'nvidia_smi_energy_joules_total',
    help: 'Energy since the agent started.',
    type: 'counter',
    gpu: (gpu, say) => say(gpu.energyJoules),
  },
  {
    name: 'nvidia_smi_xid_errors_total',
    help: 'Xid errors since the host booted.',
    type: 'counter',
    gpu(gpu, say, host) {
      for (const { xid, count } of xidsOf(gpu, host)) say(count, `,xid="${xid}"`);
    },
  },
  {
    name: 'nvidia_smi_xid_last_timestamp_seconds',
    help: 'When the Xid came last.',
    type: 'gauge',
    gpu(gpu, say, host) {
      for (const { xid, lastAt } of xidsOf(gpu, host))
        say(lastAt === null ? null : Date.parse(lastAt) / 1000, `,xid="${xid}"`);
    },
  },
  {
    name: 'nvidia_smi_mig_info',
    help: 'A metric with a constant 1 value labeled by the MIG instance.',
    type: 'gauge',
    gpu(gpu, say) {
      for (const { gpuInstanceId, computeInstanceId, profile, uuid } of gpu.migDevices)
        say(
          1,
          `,${label('gpu_instance_id', String(gpuInstanceId ?? ''))},${label('compute_instance_id', String(computeInstanceId ?? ''))},${label('profile', profile)},${label('mig_uuid', uuid)}`,
        );
    },
  },
  {
    name: 'nvidia_smi_mig_memory_used_bytes',
    help: 'Memory of the GPU instance in use.',
    type: 'gauge',
    gpu(gpu, say) {
      for (const { gpuInstanceId, memory } of gpu.migDevices)
        say(memory.usedBytes, `,${label('gpu_instance_id', String(gpuInstanceId ?? ''))}`);
    },
  },
  gauge('pcie_throughput_tx_bytes_per_second', ({ pcie }) => pcie.txBytesPerSecond),
  gauge('pcie_throughput_rx_bytes_per_second', ({ pcie }) => pcie.rxBytesPerSecond),
];

/** Source: the naming rule of nvidia_gpu_exporter over nvidia-smi's field names. */
const fields: readonly DialectFamily[] = [
  gauge('index', ({ index: number }) => number),
  gauge('pstate', ({ performanceState }) => {
    const digits = /^P(\d{1,2})$/.exec(performanceState ?? '')?.[1];
    return digits === undefined ? null : Number(digits);
  }),
  gauge('persistence_mode', ({ persistenceMode }) => flag(persistenceMode)),
  gauge('compute_mode', ({ computeMode }) => index(computeModes, computeMode)),
  gauge('mig_mode_current', ({ migMode }) => flag(migMode?.current)),
  gauge('mig_mode_pending', ({ migMode }) => flag(migMode?.pending)),
  gauge('ecc_mode_current', ({ eccMode }) => flag(eccMode?.current)),
  gauge('ecc_mode_pending', ({ eccMode }) => flag(eccMode?.pending)),
  gauge('gpu_recovery_action', ({ recoveryAction }) => index(recoveryActions, recoveryAction)),
  gauge('fabric_state', ({ fabric }) => index(fabricStates, fabric.state)),
  gauge('utilization_gpu_ratio', ({ utilization }) => utilization.gpuRatio),
  gauge('utilization_memory_ratio', ({ utilization }) => utilization.memoryRatio),
  gauge('utilization_encoder_ratio', ({ utilization }) => utilization.encoderRatio),
  gauge('utilization_decoder_ratio', ({ utilization }) => utilization.decoderRatio),
  gauge('utilization_jpeg_ratio', ({ utilization }) => utilization.jpegRatio),
  gauge('utilization_ofa_ratio', ({ utilization }) => utilization.ofaRatio),
  gauge('memory_total_bytes', ({ memory }) => memory.totalBytes),
  gauge('memory_used_bytes', ({ memory }) => memory.usedBytes),
  gauge('memory_free_bytes', ({ memory }) => memory.freeBytes),
  gauge('memory_reserved_bytes', ({ memory }) => memory.reservedBytes),
  gauge('temperature_gpu', ({ temperature }) => temperature.gpuCelsius),
  gauge('temperature_memory', ({ temperature }) => temperature.memoryCelsius),
  gauge('power_draw_watts', powerWattsOf),
  gauge('power_draw_average_watts', ({ power }) => power.averageWatts),
  gauge('power_draw_instant_watts', ({ power }) => power.instantWatts),
  gauge('power_limit_watts', ({ power }) => power.limitWatts),
  gauge('enforced_power_limit_watts', ({ power }) => power.limitWatts),
  gauge('power_default_limit_watts', ({ power }) => power.defaultLimitWatts),
  gauge('power_min_limit_watts', ({ power }) => power.minLimitWatts),
  gauge('power_max_limit_watts', ({ power }) => power.maxLimitWatts),
  gauge('fan_speed_ratio', ({ fanRatio }) => fanRatio),
  gauge('clocks_current_graphics_clock_hz', ({ clocks }) => clocks.graphicsHertz),
  gauge('clocks_current_sm_clock_hz', ({ clocks }) => clocks.smHertz),
  gauge('clocks_current_memory_clock_hz', ({ clocks }) => clocks.memoryHertz),
  gauge('clocks_current_video_clock_hz', ({ clocks }) => clocks.videoHertz),
  gauge('clocks_max_graphics_clock_hz', ({ clocks }) => clocks.maxGraphicsHertz),
  gauge('clocks_max_sm_clock_hz', ({ clocks }) => clocks.maxSmHertz),
  gauge('clocks_max_memory_clock_hz', ({ clocks }) => clocks.maxMemoryHertz),
  gauge('pcie_link_gen_current', ({ pcie }) => pcie.generation),
  gauge('pcie_link_gen_max', ({ pcie }) => pcie.maxGeneration),
  gauge('pcie_link_width_current', ({ pcie }) => pcie.width),
  gauge('pcie_link_width_max', ({ pcie }) => pcie.maxWidth),
  gauge('ecc_errors_corrected_volatile_total', ({ ecc }) => ecc.volatile.correctable),
  gauge('ecc_errors_corrected_aggregate_total', ({ ecc }) => ecc.aggregate.correctable),
  gauge('ecc_errors_uncorrected_volatile_total', ({ ecc }) => ecc.volatile.uncorrectable),
  gauge('ecc_errors_uncorrected_aggregate_total', ({ ecc }) => ecc.aggregate.uncorrectable),
  gauge('remapped_rows_correctable', ({ remappedRows }) => remappedRows.correctable),
  gauge('remapped_rows_uncorrectable', ({ remappedRows }) => remappedRows.uncorrectable),
  gauge('remapped_rows_pending', ({ remappedRows }) => flag(remappedRows.pending)),
  gauge('remapped_rows_failure', ({ remappedRows }) => flag(remappedRows.failure)),
  gauge('retired_pages_single_bit_ecc_count', ({ retiredPages }) => retiredPages.singleBit),
  gauge('retired_pages_double_bit_count', ({ retiredPages }) => retiredPages.doubleBit),
  gauge('retired_pages_pending', ({ retiredPages }) => flag(retiredPages.pending)),
];

/** nvidia_gpu_exporter 1.14. */
export const nvidiaSmi: Dialect = {
  families: [info, ...fields, ...reasonFamilies, ...processes, ...collection, ...beside],
  gpuLabels: (gpu, _, shownName) =>
    [label('instance', shownName), label('uuid', bareUuid(gpu.uuid))].join(','),
};
