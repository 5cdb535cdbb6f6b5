import type { Gpu } from '../../model/index.ts';
import type { SmiExtra } from '../types.ts';

/** What of one GPU a peer's expectation is compared with. */
export interface Subject {
  readonly gpu: Gpu;
  readonly extra: SmiExtra;
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
}

/** Our value in the peer's unit; undefined or null is "we have none". */
export type Mapping = (subject: Subject) => unknown;

const mebibyte = 1_048_576;
const over = (value: number | null, divisor: number) => (value === null ? null : value / divisor);
const times = (value: unknown, factor: number) =>
  typeof value === 'number' ? Math.round(value * factor * 1e6) / 1e6 : null;
const microseconds = (seconds: unknown) => (typeof seconds === 'number' ? Math.round(seconds * 1e6) : null);
const percent = (value: number | null) => times(value, 100);
const enabled = (value: boolean | null | undefined) =>
  value === null || value === undefined ? null : value ? 'Enabled' : 'Disabled';
const yesNo = (value: unknown) => (typeof value === 'boolean' ? (value ? 'Yes' : 'No') : null);

function reason(name: string): Mapping {
  return ({ gpu }) => (gpu.throttleReasons === null ? null : Number(gpu.throttleReasons.includes(name)));
}

function extra(name: string): Mapping {
  return (subject) => subject.extra[name];
}

/** Expected keys of telegraf and datakit (MiB, W, MHz, %, KB/s, µs) to our fields (base units). */
export const gpuMappings: Readonly<Record<string, Mapping>> = {
  name: ({ gpu }) => gpu.name,
  arch: ({ gpu }) => gpu.architecture,
  index: ({ gpu }) => String(gpu.index),
  uuid: ({ gpu }) => gpu.uuid,
  pstate: ({ gpu }) => gpu.performanceState,
  compute_mode: ({ gpu }) => gpu.computeMode,
  pci_bus_id: ({ gpu }) => gpu.pciBusId,
  driver_version: ({ driverVersion }) => driverVersion,
  cuda_version: ({ cudaVersion }) => cudaVersion,
  serial: ({ gpu }) => gpu.serial,
  vbios_version: ({ gpu }) => gpu.vbiosVersion,
  current_ecc: ({ gpu }) => enabled(gpu.eccMode?.current),
  display_mode: extra('displayMode'),
  display_active: extra('displayActive'),
  clocks_current_graphics: ({ gpu }) => over(gpu.clocks.graphicsHertz, 1e6),
  clocks_current_sm: ({ gpu }) => over(gpu.clocks.smHertz, 1e6),
  clocks_current_memory: ({ gpu }) => over(gpu.clocks.memoryHertz, 1e6),
  clocks_current_video: ({ gpu }) => over(gpu.clocks.videoHertz, 1e6),
  clocks_event_reason_applications_clocks_setting: reason('applications_clocks_setting'),
  clocks_event_reason_display_clocks_setting: reason('display_clocks_setting'),
  clocks_event_reason_gpu_idle: reason('gpu_idle'),
  clocks_event_reason_hw_power_brake_slowdown: reason('hw_power_brake_slowdown'),
  clocks_event_reason_hw_slowdown: reason('hw_slowdown'),
  clocks_event_reason_hw_thermal_slowdown: reason('hw_thermal_slowdown'),
  clocks_event_reason_sw_power_cap: reason('sw_power_cap'),
  clocks_event_reason_sw_thermal_slowdown: reason('sw_thermal_slowdown'),
  clocks_event_reason_sync_boost: reason('sync_boost'),
  clocks_event_reasons_counters_hw_power_brake: (s) => microseconds(s.extra['throttledSecondsHwPowerBrake']),
  clocks_event_reasons_counters_hw_therm_slowdown: (s) =>
    microseconds(s.extra['throttledSecondsHwThermalSlowdown']),
  clocks_event_reasons_counters_sw_power_cap: (s) => microseconds(s.extra['throttledSecondsSwPowerCap']),
  clocks_event_reasons_counters_sw_therm_slowdown: (s) =>
    microseconds(s.extra['throttledSecondsSwThermalSlowdown']),
  clocks_event_reasons_counters_sync_boost: (s) => microseconds(s.extra['throttledSecondsSyncBoost']),
  ecc_errors_channel_repair_pending: (s) => yesNo(s.extra['channelRepairPending']),
  ecc_errors_tpc_repair_pending: (s) => yesNo(s.extra['tpcRepairPending']),
  encoder_stats_average_fps: extra('encoderAverageFramesPerSecond'),
  encoder_stats_average_latency: extra('encoderAverageLatencyMicroseconds'),
  encoder_stats_session_count: extra('encoderSessions'),
  fbc_stats_average_fps: extra('fbcAverageFramesPerSecond'),
  fbc_stats_average_latency: extra('fbcAverageLatencyMicroseconds'),
  fbc_stats_session_count: extra('fbcSessions'),
  fan_speed: ({ gpu }) => percent(gpu.fanRatio),
  memory_free: ({ gpu }) => over(gpu.memory.freeBytes, mebibyte),
  memory_reserved: ({ gpu }) => over(gpu.memory.reservedBytes, mebibyte),
  memory_total: ({ gpu }) => over(gpu.memory.totalBytes, mebibyte),
  memory_used: ({ gpu }) => over(gpu.memory.usedBytes, mebibyte),
  pcie_link_gen_current: ({ gpu }) => gpu.pcie.generation,
  pcie_link_width_current: ({ gpu }) => gpu.pcie.width,
  pcie_rx_util: ({ gpu }) => over(gpu.pcie.rxBytesPerSecond, 1000),
  pcie_tx_util: ({ gpu }) => over(gpu.pcie.txBytesPerSecond, 1000),
  power_draw: ({ gpu }) => gpu.power.drawWatts,
  power_draw_average: ({ gpu }) => gpu.power.averageWatts,
  power_limit: ({ gpu }) => gpu.power.limitWatts,
  power_limit_default: ({ gpu }) => gpu.power.defaultLimitWatts,
  power_limit_max: ({ gpu }) => gpu.power.maxLimitWatts,
  power_limit_min: ({ gpu }) => gpu.power.minLimitWatts,
  power_limit_requested: extra('requestedLimitWatts'),
  remapped_rows_correctable: ({ gpu }) => gpu.remappedRows.correctable,
  remapped_rows_uncorrectable: ({ gpu }) => gpu.remappedRows.uncorrectable,
  remapped_rows_pending: ({ gpu }) => yesNo(gpu.remappedRows.pending),
  remapped_rows_failure: ({ gpu }) => yesNo(gpu.remappedRows.failure),
  retired_pages_blacklist: (s) => yesNo(s.extra['retiredPagesBlacklistPending']),
  retired_pages_double_bit: ({ gpu }) => gpu.retiredPages.doubleBit,
  retired_pages_multiple_single_bit: ({ gpu }) => gpu.retiredPages.singleBit,
  retired_pages_pending: ({ gpu }) => yesNo(gpu.retiredPages.pending),
  temperature_gpu: ({ gpu }) => gpu.temperature.gpuCelsius,
  temperature_memory: ({ gpu }) => gpu.temperature.memoryCelsius,
  temperature_gpu_target: ({ gpu }) => gpu.temperature.targetCelsius,
  temperature_max_threshold: ({ gpu }) => gpu.temperature.shutdownCelsius,
  temperature_slow_threshold: ({ gpu }) => gpu.temperature.slowdownCelsius,
  temperature_gpu_target_max: extra('temperatureTargetMaxCelsius'),
  temperature_gpu_target_min: extra('temperatureTargetMinCelsius'),
  temperature_gpu_tlimit: extra('temperatureLimitMarginCelsius'),
  temperature_max_gpu_threshold: extra('temperatureMaxOperatingCelsius'),
  temperature_max_mem_threshold: extra('temperatureMemoryMaxOperatingCelsius'),
  temperature_max_tlimit_threshold: extra('temperatureShutdownMarginCelsius'),
  temperature_slow_tlimit_threshold: extra('temperatureSlowdownMarginCelsius'),
  temperature_max_gpu_tlimit_threshold: extra('temperatureMaxOperatingMarginCelsius'),
  utilization_gpu: ({ gpu }) => percent(gpu.utilization.gpuRatio),
  utilization_memory: ({ gpu }) => percent(gpu.utilization.memoryRatio),
  utilization_encoder: ({ gpu }) => percent(gpu.utilization.encoderRatio),
  utilization_decoder: ({ gpu }) => percent(gpu.utilization.decoderRatio),
  utilization_jpeg: ({ gpu }) => percent(gpu.utilization.jpegRatio),
  utilization_ofa: ({ gpu }) => percent(gpu.utilization.ofaRatio),
};

/** Expected keys of one MIG device, by its index. */
export function migMappings(index: number): Readonly<Record<string, Mapping>> {
  const device = ({ gpu }: Subject) => gpu.migDevices.find((candidate) => candidate.index === index);
  const bytes = (name: string): Mapping => {
    return (s) => times(s.extra[`mig${index}${name}`], 1 / mebibyte);
  };
  return {
    index: (s) => String(device(s)?.index),
    gpu_index: (s) => String(device(s)?.gpuInstanceId),
    compute_index: (s) => String(device(s)?.computeInstanceId),
    memory_fb_total: (s) => over(device(s)?.memory.totalBytes ?? null, mebibyte),
    memory_fb_used: (s) => over(device(s)?.memory.usedBytes ?? null, mebibyte),
    memory_fb_free: (s) => over(device(s)?.memory.freeBytes ?? null, mebibyte),
    memory_fb_reserved: bytes('ReservedBytes'),
    memory_bar1_total: bytes('Bar1TotalBytes'),
    memory_bar1_used: bytes('Bar1UsedBytes'),
    memory_bar1_free: bytes('Bar1FreeBytes'),
    sram_uncorrectable: (s) => s.extra[`mig${index}SramUncorrectable`],
  };
}

/** Names of nvidia_gpu_exporter's golden output (base units already) to our fields. */
export const exporterMappings: Readonly<Record<string, Mapping>> = {
  nvidia_smi_clocks_current_graphics_clock_hz: ({ gpu }) => gpu.clocks.graphicsHertz,
  nvidia_smi_clocks_current_memory_clock_hz: ({ gpu }) => gpu.clocks.memoryHertz,
  nvidia_smi_clocks_current_sm_clock_hz: ({ gpu }) => gpu.clocks.smHertz,
  nvidia_smi_count: extra('attachedGpus'),
  // The peer makes a number of every text that holds one.
  nvidia_smi_name: ({ gpu }) => Number(/\d+/.exec(gpu.name ?? '')?.[0]),
  nvidia_smi_driver_version: ({ driverVersion }) => Number(driverVersion),
  nvidia_smi_encoder_stats_average_fps: extra('encoderAverageFramesPerSecond'),
  nvidia_smi_encoder_stats_average_latency: extra('encoderAverageLatencyMicroseconds'),
  nvidia_smi_encoder_stats_session_count: extra('encoderSessions'),
  nvidia_smi_enforced_power_limit_watts: ({ gpu }) => gpu.power.limitWatts,
  nvidia_smi_power_limit_watts: extra('requestedLimitWatts'),
  nvidia_smi_power_draw_watts: ({ gpu }) => gpu.power.drawWatts,
  nvidia_smi_power_draw_average_watts: ({ gpu }) => gpu.power.averageWatts,
  nvidia_smi_power_draw_instant_watts: ({ gpu }) => gpu.power.instantWatts,
  nvidia_smi_ecc_errors_corrected_aggregate_total: ({ gpu }) => gpu.ecc.aggregate.correctable,
  nvidia_smi_ecc_errors_corrected_volatile_total: ({ gpu }) => gpu.ecc.volatile.correctable,
  nvidia_smi_ecc_errors_uncorrected_aggregate_total: ({ gpu }) => gpu.ecc.aggregate.uncorrectable,
  nvidia_smi_ecc_errors_uncorrected_volatile_total: ({ gpu }) => gpu.ecc.volatile.uncorrectable,
  nvidia_smi_fan_speed_ratio: ({ gpu }) => gpu.fanRatio,
  nvidia_smi_index: ({ gpu }) => gpu.index,
  nvidia_smi_memory_free_bytes: ({ gpu }) => gpu.memory.freeBytes,
  nvidia_smi_memory_reserved_bytes: ({ gpu }) => gpu.memory.reservedBytes,
  nvidia_smi_memory_total_bytes: ({ gpu }) => gpu.memory.totalBytes,
  nvidia_smi_memory_used_bytes: ({ gpu }) => gpu.memory.usedBytes,
  nvidia_smi_mig_mode_current: ({ gpu }) => Number(gpu.migMode?.current),
  nvidia_smi_mig_mode_pending: ({ gpu }) => Number(gpu.migMode?.pending),
  nvidia_smi_pcie_link_gen_current: ({ gpu }) => gpu.pcie.generation,
  nvidia_smi_pcie_link_gen_gpucurrent: extra('pcieDeviceGeneration'),
  nvidia_smi_pcie_link_width_current: ({ gpu }) => gpu.pcie.width,
  nvidia_smi_pstate: ({ gpu }) => Number(gpu.performanceState?.slice(1)),
  nvidia_smi_temperature_gpu: ({ gpu }) => gpu.temperature.gpuCelsius,
  nvidia_smi_temperature_gpu_tlimit: extra('temperatureLimitMarginCelsius'),
  nvidia_smi_temperature_memory: ({ gpu }) => gpu.temperature.memoryCelsius,
  nvidia_smi_utilization_gpu_ratio: ({ gpu }) => gpu.utilization.gpuRatio,
  nvidia_smi_utilization_memory_ratio: ({ gpu }) => gpu.utilization.memoryRatio,
  nvidia_smi_utilization_encoder_ratio: ({ gpu }) => gpu.utilization.encoderRatio,
  nvidia_smi_utilization_decoder_ratio: ({ gpu }) => gpu.utilization.decoderRatio,
  nvidia_smi_utilization_jpeg_ratio: ({ gpu }) => gpu.utilization.jpegRatio,
  nvidia_smi_utilization_ofa_ratio: ({ gpu }) => gpu.utilization.ofaRatio,
};

/** Labels of the peer's `gpu_info`; it shows what is absent as printed. */
export const exporterLabels: Readonly<Record<string, Mapping>> = {
  compute_cap: ({ gpu }) => gpu.computeCapability,
  cuda_version: ({ cudaVersion }) => cudaVersion,
  driver_model_current: extra('driver_model.current'),
  driver_model_pending: extra('driver_model.pending'),
  driver_version: ({ driverVersion }) => driverVersion,
  index: ({ gpu }) => String(gpu.index),
  name: ({ gpu }) => gpu.name,
  pci_bus_id: ({ gpu }) => gpu.pciBusId,
  pci_sub_device_id: extra('pci.sub_device_id'),
  serial: ({ gpu }) => gpu.serial,
  uuid: ({ gpu }) => gpu.uuid?.replace(/^GPU-/, ''),
  vbios_version: ({ gpu }) => gpu.vbiosVersion,
};

/** Expected values that we do not give, with the reason; at most ten, none of them numeric. */
export const deliberateDifferences: Readonly<Record<string, string>> = {
  'datakit:host': "the peer's own machine name, which stands in no output of nvidia-smi",
  'telegraf:process-name':
    'the expectation keeps only the beginning of a long command line; ours is the whole one',
  'telegraf:process_count':
    'counts the metrics that the peer makes, and for DTD 11 it makes none of the processes that stand there',
  'pai:minor':
    'the keys are called minor numbers and are positions: by the minor_number in the file the values belong to others',
};
