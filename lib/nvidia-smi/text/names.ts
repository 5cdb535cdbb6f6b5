/**
 * What the XML calls a label of `-q`, by the XML path of the group that it stands in. Where no entry is, the element
 * is the label in small letters with `_` for blanks, which most are. A path instead of a name nests; several are the
 * same value in several places.
 */
type Names = Readonly<Record<string, string | readonly string[]>>;

const power: Names = {
  'Instantaneous Power Draw': 'instant_power_draw',
};
const clocks: Names = {
  Graphics: 'graphics_clock',
  SM: 'sm_clock',
  Memory: 'mem_clock',
  Video: 'video_clock',
};
const sessions: Names = { 'Active Sessions': 'session_count' };
const ecc: Names = { 'SRAM Uncorrectable SEC-DED': 'sram_uncorrectable_secded' };
const reasons = (prefix: string): Names =>
  Object.fromEntries(
    Object.entries({
      Idle: 'gpu_idle',
      'Applications Clocks Setting': 'applications_clocks_setting',
      'SW Power Cap': 'sw_power_cap',
      'HW Slowdown': 'hw_slowdown',
      'HW Thermal Slowdown': 'hw_thermal_slowdown',
      'HW Power Brake Slowdown': 'hw_power_brake_slowdown',
      'Sync Boost': 'sync_boost',
      'SW Thermal Slowdown': 'sw_thermal_slowdown',
      'Display Clock Setting': 'display_clocks_setting',
    }).map(([label, name]) => [label, `${prefix}${name}`]),
  );
const counter = 'clocks_event_reasons_counters_';

export const elementNames: Readonly<Record<string, Names>> = {
  '': {
    'Serial Number': 'serial',
    'GPU UUID': 'uuid',
    'GPU PDI': 'pdi',
    'Conf Compute Protected Memory Usage': 'cc_protected_memory_usage',
    'MIG Device': 'mig_devices/mig_device',
  },
  mig_mode: { Current: 'current_mig', Pending: 'pending_mig' },
  ecc_mode: { Current: 'current_ecc', Pending: 'pending_ecc' },
  'mig_devices/mig_device': {
    'ECC Errors': 'ecc_error_count',
    'Shared FB Memory Usage': 'fb_memory_usage',
    'Shared BAR1 Memory': 'bar1_memory_usage',
    'Shared BAR1 Memory Usage': 'bar1_memory_usage',
    'BAR1 Memory': 'bar1_memory_usage',
  },
  'mig_devices/mig_device/ecc_error_count': { Volatile: 'volatile_count' },
  pci: {
    'Bus Id': 'pci_bus_id',
    'GPU Link Info': 'pci_gpu_link_info',
    'Replays Since Reset': 'replay_counter',
    'Replays since reset': 'replay_counter',
    'Replay Number Rollovers': 'replay_rollover_counter',
    'Tx Throughput': 'tx_util',
    'Rx Throughput': 'rx_util',
  },
  'pci/pci_gpu_link_info': { 'PCIe Generation': 'pcie_gen', 'Link Width': 'link_widths' },
  'pci/pci_gpu_link_info/pcie_gen': {
    Max: 'max_link_gen',
    Current: 'current_link_gen',
    'Device Current': 'device_current_link_gen',
    'Device Max': 'max_device_link_gen',
    'Host Max': 'max_host_link_gen',
  },
  'pci/pci_gpu_link_info/link_widths': { Max: 'max_link_width', Current: 'current_link_width' },
  clocks_event_reasons: reasons('clocks_event_reason_'),
  clocks_throttle_reasons: reasons('clocks_throttle_reason_'),
  clocks_event_reasons_counters: {
    'SW Power Capping': `${counter}sw_power_cap`,
    'Sync Boost': `${counter}sync_boost`,
    'SW Thermal Slowdown': `${counter}sw_therm_slowdown`,
    'HW Thermal Slowdown': `${counter}hw_therm_slowdown`,
    'HW Power Braking': `${counter}hw_power_brake`,
  },
  utilization: {
    Gpu: 'gpu_util',
    GPU: 'gpu_util',
    Memory: 'memory_util',
    Encoder: 'encoder_util',
    Decoder: 'decoder_util',
    JPEG: 'jpeg_util',
    OFA: 'ofa_util',
  },
  encoder_stats: sessions,
  fbc_stats: sessions,
  'ecc_errors/volatile': ecc,
  'ecc_errors/aggregate': ecc,
  retired_pages: {
    'Single Bit ECC': 'multiple_single_bit_retirement/retired_count',
    'Double Bit ECC': 'double_bit_retirement/retired_count',
    'Pending Page Blacklist': ['pending_blacklist', 'pending_retirement'],
    Pending: 'pending_retirement',
  },
  remapped_rows: {
    'Correctable Error': 'remapped_row_corr',
    'Uncorrectable Error': 'remapped_row_unc',
    Pending: 'remapped_row_pending',
    'Remapping Failure Occurred': 'remapped_row_failure',
    'Bank Remap Availability Histogram': 'row_remapper_histogram',
  },
  'remapped_rows/row_remapper_histogram': { Max: 'row_remapper_histogram_max' },
  temperature: {
    'GPU Current Temp': 'gpu_temp',
    'GPU T.Limit Temp': 'gpu_temp_tlimit',
    'GPU Current T.Limit Temp': 'gpu_temp_tlimit',
    'GPU Shutdown Temp': 'gpu_temp_max_threshold',
    'GPU Slowdown Temp': 'gpu_temp_slow_threshold',
    'GPU Max Operating Temp': 'gpu_temp_max_gpu_threshold',
    'GPU Target Temperature Specification': 'gpu_target_temperature',
    'Memory Current Temp': 'memory_temp',
    'Memory Max Operating Temp': 'gpu_temp_max_mem_threshold',
    'GPU Shutdown T.Limit Temp': 'gpu_temp_max_tlimit_threshold',
    'GPU Slowdown T.Limit Temp': 'gpu_temp_slow_tlimit_threshold',
    'GPU Max Operating T.Limit Temp': 'gpu_temp_max_gpu_tlimit_threshold',
    'Memory Max Operating T.Limit Temp': 'gpu_temp_max_mem_tlimit_threshold',
  },
  supported_gpu_target_temp: {
    'GPU Target Temp Min': 'gpu_target_temp_min',
    'GPU Target Temp Max': 'gpu_target_temp_max',
  },
  gpu_power_readings: power,
  module_power_readings: power,
  gpu_memory_power_readings: power,
  voltage: { Graphics: 'graphics_volt' },
  clocks,
  max_clocks: clocks,
  fabric: { CliqueId: 'cliqueId', ClusterUUID: 'clusterUuid' },
};

/** Groups that the XML does not have: what is in them stands in the group around. */
export const flattened: ReadonlySet<string> = new Set(['gpu_power_readings/gpu_ceiling_power_limit']);
