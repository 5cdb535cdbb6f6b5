import { queryFieldOf, throttleReasonOf } from './fields.ts';

const scopes = ['corrected.volatile', 'corrected.aggregate', 'uncorrected.volatile', 'uncorrected.aggregate'];
const eccPlaces =
  'device_memory dram register_file l1_cache l2_cache texture_memory texture_shared cbu sram total';
const under = (prefix: string, names: string): string[] =>
  names.split(' ').map((name) => `${prefix}.${name}`);

/** Names of `--query-gpu` that drivers up to R610 know and we have no place for. */
const withoutPlace: ReadonlySet<string> = new Set([
  ...'accounting.mode accounting.buffer_size bbx.time_run c2c.mode dramEncryption.mode.current'.split(' '),
  ...'dramEncryption.mode.pending edpp_multiplier hostname power.management gsp.mode.current'.split(' '),
  ...'gsp.mode.default gom.current gom.pending gpu_operation_mode.current gpu_operation_mode.pending'.split(
    ' ',
  ),
  ...'reset_status.reset_required reset_status.drain_and_reset_recommended'.split(' '),
  ...under('vgpu_driver_capability', 'heterogenous_multivGPU heterogeneous_multivGPU'),
  ...under(
    'vgpu_device_capability',
    'fractional_multiVgpu heterogeneous_timeSlice_profile heterogeneous_timeSlice_sizes homogeneous_placements ' +
      'mig_timeSlicing mig_timeSlicing_mode',
  ),
  ...under('protected_memory', 'total used free'),
  ...under('pci', 'domain bus device baseClass subClass device_id sub_device_id'),
  ...under('driver_model', 'current pending'),
  ...under('inforom', 'img image oem ecc pwr power checksum_validation'),
  ...scopes.flatMap((scope) => under(`ecc.errors.${scope}`, eccPlaces)),
  ...scopes.flatMap((scope) => under(`ecc.errors.${scope}.sram`, 'parity secded')),
  ...under('ecc.errors.uncorrected.aggregate.sram', 'thresholdExceeded l2 sm mcu pcie other'),
  ...under('remapped_rows', 'correctable_inactive uncorrectable_inactive'),
  ...under('remapped_rows.histogram', 'max high partial low none'),
  ...under(
    'module.power',
    'draw.average draw.instant limit requested_limit current_limit default_limit min_limit',
  ),
  ...under('module', 'power.max_limit enforced.power.limit'),
  ...under('gpu.base', 'current requested default min max'),
  ...under(
    'power_smoothing',
    'tmp_floor tmp_ceil hw_lifetime_remaining_percent enabled delayed_power_smoothing_supported ' +
      'soc_power_smoothing_enabled priv_level imm_ramp_down max_percent_tmp_floor min_percent_tmp_floor ' +
      'primary_power_floor secondary_power_floor min_primary_floor_activation_offset ' +
      'min_primary_floor_activation_point window_multiplier num_preset_profiles active_profile',
  ),
  ...['curr_profile', 'admin_override'].flatMap((group) =>
    under(
      `power_smoothing.${group}`,
      'percent_tmp_floor ramp_up_rate ramp_down_rate ramp_down_hysteresis secondary_power_floor ' +
        'primary_floor_act_window_multiplier primary_floor_tar_window_multiplier primary_floor_act_offset',
    ),
  ),
  ...['applications', 'default_applications'].flatMap((group) =>
    under(`clocks.${group}`, 'graphics gr memory mem'),
  ),
  ...under('fabric', 'cliqueId clusterUuid'),
  ...under(
    'fabric.health',
    'summary bandwidth route_recovery_in_progress route_unhealthy access_timeout_recovery ' +
      'incorrect_configuration partition_assigned',
  ),
  ...under(
    'platform',
    'chassis_serial_number slot_number tray_index host_id peer_type module_id gpu_fabric_guid ' +
      'rack_serial_number chassis_physical_slot_number compute_slot_index node_index',
  ),
]);

/** Of all names that a driver knows, those that no driver up to R610 knew: new to us. */
export function unknownQueryNames(names: Iterable<string>): string[] {
  return [...names].filter(
    (name) => queryFieldOf(name) === undefined && throttleReasonOf(name) === null && !withoutPlace.has(name),
  );
}
