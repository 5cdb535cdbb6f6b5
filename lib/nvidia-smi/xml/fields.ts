import type { GpuField } from '../draft.ts';
import type { ValueKind } from '../values.ts';

/**
 * A value and where the driver branches print it, the first that tells something winning. Paths are below <gpu>.
 * `to` is null for what the model has no place for: then `extra` names it.
 */
export interface XmlField {
  readonly to: GpuField | null;
  readonly extra?: string;
  readonly as: ValueKind;
  readonly from: readonly (readonly string[])[];
}

function field(to: GpuField, as: ValueKind, ...from: string[]): XmlField {
  return { to, as, from: from.map((path) => path.split('/')) };
}

function extra(name: string, as: ValueKind, ...from: string[]): XmlField {
  return { to: null, extra: name, as, from: from.map((path) => path.split('/')) };
}

const link = 'pci/pci_gpu_link_info';
/** `power_readings` up to R525, `gpu_power_readings` from R535. */
const power = (name: string) => [`gpu_power_readings/${name}`, `power_readings/${name}`];

export const gpuFields: readonly XmlField[] = [
  field('uuid', 'uuid', 'uuid'),
  field('name', 'text', 'product_name'),
  field('brand', 'text', 'product_brand'),
  field('architecture', 'text', 'product_architecture'),
  field('computeCapability', 'text', 'compute_cap', 'cuda_compute_capability'),
  field('pciBusId', 'text', 'pci/pci_bus_id'),
  field('serial', 'text', 'serial'),
  field('vbiosVersion', 'text', 'vbios_version'),
  field('minorNumber', 'index', 'minor_number'),
  field('performanceState', 'performanceState', 'performance_state'),
  field('persistenceMode', 'flag', 'persistence_mode'),
  field('computeMode', 'text', 'compute_mode'),
  field('migMode.current', 'flag', 'mig_mode/current_mig'),
  field('migMode.pending', 'flag', 'mig_mode/pending_mig'),
  field('eccMode.current', 'flag', 'ecc_mode/current_ecc'),
  field('eccMode.pending', 'flag', 'ecc_mode/pending_ecc'),
  field('addressingMode', 'text', 'addressing_mode'),
  field('virtualizationMode', 'text', 'gpu_virtualization_mode/virtualization_mode'),
  field('utilization.gpuRatio', 'ratio', 'utilization/gpu_util'),
  field('utilization.memoryRatio', 'ratio', 'utilization/memory_util'),
  field('utilization.encoderRatio', 'ratio', 'utilization/encoder_util'),
  field('utilization.decoderRatio', 'ratio', 'utilization/decoder_util'),
  field('utilization.jpegRatio', 'ratio', 'utilization/jpeg_util'),
  field('utilization.ofaRatio', 'ratio', 'utilization/ofa_util'),
  field('memory.totalBytes', 'bytes', 'fb_memory_usage/total'),
  field('memory.usedBytes', 'bytes', 'fb_memory_usage/used'),
  field('memory.freeBytes', 'bytes', 'fb_memory_usage/free'),
  field('memory.reservedBytes', 'bytes', 'fb_memory_usage/reserved'),
  field('bar1.totalBytes', 'bytes', 'bar1_memory_usage/total'),
  field('bar1.usedBytes', 'bytes', 'bar1_memory_usage/used'),
  field('bar1.freeBytes', 'bytes', 'bar1_memory_usage/free'),
  field('temperature.gpuCelsius', 'celsius', 'temperature/gpu_temp'),
  field('temperature.memoryCelsius', 'celsius', 'temperature/memory_temp'),
  field('temperature.slowdownCelsius', 'celsius', 'temperature/gpu_temp_slow_threshold'),
  field('temperature.shutdownCelsius', 'celsius', 'temperature/gpu_temp_max_threshold'),
  field('temperature.targetCelsius', 'celsius', 'temperature/gpu_target_temperature'),
  // power_draw went away after R536; what it said on most boards is the instant one.
  field(
    'power.drawWatts',
    'watts',
    ...power('power_draw'),
    ...power('instant_power_draw'),
    ...power('average_power_draw'),
  ),
  field('power.averageWatts', 'watts', ...power('average_power_draw')),
  field('power.instantWatts', 'watts', ...power('instant_power_draw')),
  // The limit in force; the requested one is an extra.
  field(
    'power.limitWatts',
    'watts',
    ...power('current_power_limit'),
    ...power('enforced_power_limit'),
    ...power('power_limit'),
  ),
  field('power.defaultLimitWatts', 'watts', ...power('default_power_limit')),
  field('power.minLimitWatts', 'watts', ...power('min_power_limit')),
  field('power.maxLimitWatts', 'watts', ...power('max_power_limit')),
  field('clocks.graphicsHertz', 'hertz', 'clocks/graphics_clock'),
  field('clocks.smHertz', 'hertz', 'clocks/sm_clock'),
  field('clocks.memoryHertz', 'hertz', 'clocks/mem_clock'),
  field('clocks.videoHertz', 'hertz', 'clocks/video_clock'),
  field('clocks.maxGraphicsHertz', 'hertz', 'max_clocks/graphics_clock'),
  field('clocks.maxSmHertz', 'hertz', 'max_clocks/sm_clock'),
  field('clocks.maxMemoryHertz', 'hertz', 'max_clocks/mem_clock'),
  field('fanRatio', 'looseRatio', 'fan_speed'),
  field('pcie.generation', 'count', `${link}/pcie_gen/current_link_gen`),
  field('pcie.maxGeneration', 'count', `${link}/pcie_gen/max_link_gen`),
  field('pcie.width', 'width', `${link}/link_widths/current_link_width`),
  field('pcie.maxWidth', 'width', `${link}/link_widths/max_link_width`),
  field('pcie.txBytesPerSecond', 'bytesPerSecond', 'pci/tx_util'),
  field('pcie.rxBytesPerSecond', 'bytesPerSecond', 'pci/rx_util'),
  field('pcie.replays', 'count', 'pci/replay_counter'),
  field('remappedRows.correctable', 'count', 'remapped_rows/remapped_row_corr'),
  field('remappedRows.uncorrectable', 'count', 'remapped_rows/remapped_row_unc'),
  field('remappedRows.pending', 'flag', 'remapped_rows/remapped_row_pending'),
  field('remappedRows.failure', 'flag', 'remapped_rows/remapped_row_failure'),
  field('retiredPages.singleBit', 'count', 'retired_pages/multiple_single_bit_retirement/retired_count'),
  field('retiredPages.doubleBit', 'count', 'retired_pages/double_bit_retirement/retired_count'),
  field('retiredPages.pending', 'flag', 'retired_pages/pending_retirement'),
  field('recoveryAction', 'text', 'gpu_recovery_action'),
  field('fabric.state', 'text', 'fabric/state'),
  field('fabric.status', 'text', 'fabric/status'),
];

/** `clocks_throttle_reasons` up to R525, `clocks_event_reasons` from R535: the same words behind another prefix. */
export const throttleGroups = [
  { group: 'clocks_event_reasons', prefix: 'clocks_event_reason_' },
  { group: 'clocks_throttle_reasons', prefix: 'clocks_throttle_reason_' },
] as const;

/**
 * What is summed to correctable and uncorrectable, below `ecc_errors/volatile` and `…/aggregate`. The first set of
 * which any element tells a number wins: DTD 11 on, then the single and double bits of DTD 10.
 */
export const eccSums: readonly {
  readonly to: 'correctable' | 'uncorrectable';
  readonly sets: readonly (readonly string[])[];
}[] = [
  { to: 'correctable', sets: [['sram_correctable', 'dram_correctable'], ['single_bit/total']] },
  {
    to: 'uncorrectable',
    sets: [
      ['sram_uncorrectable', 'sram_uncorrectable_parity', 'sram_uncorrectable_secded', 'dram_uncorrectable'],
      ['double_bit/total'],
    ],
  },
];

const counters = 'clocks_event_reasons_counters/clocks_event_reasons_counters';

/** Told by nvidia-smi, without a place in the contract's GPU; `parse --json` shows them under `extra`. */
export const extraFields: readonly XmlField[] = [
  extra('displayMode', 'text', 'display_mode'),
  extra('displayAttached', 'text', 'display_attached'),
  extra('displayActive', 'text', 'display_active'),
  extra('boardPartNumber', 'text', 'board_part_number'),
  extra('gspFirmwareVersion', 'text', 'gsp_firmware_version'),
  extra('inforomImageVersion', 'text', 'inforom_version/img_version'),
  extra('applicationGraphicsHertz', 'hertz', 'applications_clocks/graphics_clock'),
  extra('applicationMemoryHertz', 'hertz', 'applications_clocks/mem_clock'),
  extra('encoderSessions', 'count', 'encoder_stats/session_count'),
  extra('encoderAverageFramesPerSecond', 'count', 'encoder_stats/average_fps'),
  extra('encoderAverageLatencyMicroseconds', 'count', 'encoder_stats/average_latency'),
  extra('fbcSessions', 'count', 'fbc_stats/session_count'),
  extra('fbcAverageFramesPerSecond', 'count', 'fbc_stats/average_fps'),
  extra('fbcAverageLatencyMicroseconds', 'count', 'fbc_stats/average_latency'),
  extra(
    'requestedLimitWatts',
    'watts',
    'gpu_power_readings/requested_power_limit',
    'power_readings/power_limit',
  ),
  extra(
    'modulePowerInstantWatts',
    'watts',
    'module_power_readings/instant_power_draw',
    'module_power_readings/power_draw',
  ),
  extra('modulePowerAverageWatts', 'watts', 'module_power_readings/average_power_draw'),
  extra('graphicsVolts', 'volts', 'voltage/graphics_volt'),
  extra('temperatureLimitMarginCelsius', 'celsius', 'temperature/gpu_temp_tlimit'),
  extra('temperatureMaxOperatingCelsius', 'celsius', 'temperature/gpu_temp_max_gpu_threshold'),
  extra('temperatureMemoryMaxOperatingCelsius', 'celsius', 'temperature/gpu_temp_max_mem_threshold'),
  extra('temperatureShutdownMarginCelsius', 'celsius', 'temperature/gpu_temp_max_tlimit_threshold'),
  extra('temperatureSlowdownMarginCelsius', 'celsius', 'temperature/gpu_temp_slow_tlimit_threshold'),
  extra('temperatureMaxOperatingMarginCelsius', 'celsius', 'temperature/gpu_temp_max_gpu_tlimit_threshold'),
  extra(
    'temperatureMemoryMaxOperatingMarginCelsius',
    'celsius',
    'temperature/gpu_temp_max_mem_tlimit_threshold',
  ),
  extra('temperatureTargetMinCelsius', 'celsius', 'supported_gpu_target_temp/gpu_target_temp_min'),
  extra('temperatureTargetMaxCelsius', 'celsius', 'supported_gpu_target_temp/gpu_target_temp_max'),
  extra('maxVideoHertz', 'hertz', 'max_clocks/video_clock'),
  extra('pcieDeviceGeneration', 'count', `${link}/pcie_gen/device_current_link_gen`),
  extra('pcieMaxDeviceGeneration', 'count', `${link}/pcie_gen/max_device_link_gen`),
  extra('pcieMaxHostGeneration', 'count', `${link}/pcie_gen/max_host_link_gen`),
  extra('pcieReplayRollovers', 'count', 'pci/replay_rollover_counter'),
  extra('protectedMemoryTotalBytes', 'bytes', 'cc_protected_memory_usage/total'),
  extra('protectedMemoryUsedBytes', 'bytes', 'cc_protected_memory_usage/used'),
  extra('protectedMemoryFreeBytes', 'bytes', 'cc_protected_memory_usage/free'),
  extra('retiredPagesBlacklistPending', 'flag', 'retired_pages/pending_blacklist'),
  extra('sramThresholdExceeded', 'flag', 'ecc_errors/aggregate/sram_threshold_exceeded'),
  extra('channelRepairPending', 'flag', 'ecc_errors/channel_repair_pending'),
  extra('tpcRepairPending', 'flag', 'ecc_errors/tpc_repair_pending'),
  extra('unrepairableMemory', 'flag', 'ecc_errors/unrepairable_memory'),
  extra('resetRequired', 'flag', 'gpu_reset_status/reset_required'),
  extra('drainAndResetRecommended', 'flag', 'gpu_reset_status/drain_and_reset_recommended'),
  extra('throttledSecondsSwPowerCap', 'seconds', `${counters}_sw_power_cap`),
  extra('throttledSecondsSyncBoost', 'seconds', `${counters}_sync_boost`),
  extra('throttledSecondsSwThermalSlowdown', 'seconds', `${counters}_sw_therm_slowdown`),
  extra('throttledSecondsHwThermalSlowdown', 'seconds', `${counters}_hw_therm_slowdown`),
  extra('throttledSecondsHwPowerBrake', 'seconds', `${counters}_hw_power_brake`),
  extra(
    'remappedRowsHistogramMax',
    'count',
    'remapped_rows/row_remapper_histogram/row_remapper_histogram_max',
  ),
  extra('fabricCliqueId', 'text', 'fabric/cliqueId'),
  extra('fabricClusterUuid', 'text', 'fabric/clusterUuid'),
  extra('fabricHealth', 'text', 'fabric/health/summary'),
];
