import { expect, test } from 'vitest';
import { catalogue, fleetFamilies } from './catalogue.ts';
import { exampleHost } from './example-host.ts';
import { prepareLabels } from './family.ts';

const gpu = 'host gpu uuid';

/** The published contract: a name, type or label changes here only together with a version. */
const frozen: readonly (readonly [name: string, type: string, labels: string])[] = [
  [
    'gpufleet_host_info',
    'gauge',
    'host host_id group driver_version kernel_driver_version cuda_version container_toolkit_version docker_version kernel_version os agent_version',
  ],
  ['gpufleet_host_up', 'gauge', 'host'],
  ['gpufleet_host_last_report_timestamp_seconds', 'gauge', 'host'],
  ['gpufleet_host_clock_offset_seconds', 'gauge', 'host'],
  ['gpufleet_host_pci_gpus', 'gauge', 'host'],
  ['gpufleet_host_pci_gpus_answering', 'gauge', 'host'],
  ['gpufleet_host_stuck_processes', 'gauge', 'host'],
  ['gpufleet_host_drift', 'gauge', 'host facet expected actual'],
  ['gpufleet_host_stack_issue', 'gauge', 'host issue severity'],
  ['gpufleet_collect_duration_seconds', 'gauge', 'host source'],
  ['gpufleet_collect_success', 'gauge', 'host source'],
  ['gpufleet_collect_problems', 'gauge', 'host form'],
  ['gpufleet_doctor_finding', 'gauge', 'host code severity'],
  [
    'gpufleet_gpu_info',
    'gauge',
    `${gpu} name architecture compute_capability pci_bus_id vbios_version driver_version`,
  ],
  ['gpufleet_gpu_up', 'gauge', gpu],
  ['gpufleet_gpu_utilization_ratio', 'gauge', gpu],
  ['gpufleet_gpu_memory_utilization_ratio', 'gauge', gpu],
  ['gpufleet_gpu_encoder_utilization_ratio', 'gauge', gpu],
  ['gpufleet_gpu_decoder_utilization_ratio', 'gauge', gpu],
  ['gpufleet_gpu_memory_used_bytes', 'gauge', gpu],
  ['gpufleet_gpu_memory_free_bytes', 'gauge', gpu],
  ['gpufleet_gpu_memory_total_bytes', 'gauge', gpu],
  ['gpufleet_gpu_memory_reserved_bytes', 'gauge', gpu],
  ['gpufleet_gpu_unattributed_memory_bytes', 'gauge', gpu],
  ['gpufleet_gpu_temperature_celsius', 'gauge', `${gpu} sensor`],
  ['gpufleet_gpu_power_watts', 'gauge', gpu],
  ['gpufleet_gpu_power_limit_watts', 'gauge', gpu],
  ['gpufleet_gpu_energy_joules_total', 'counter', gpu],
  ['gpufleet_gpu_clock_hertz', 'gauge', `${gpu} clock`],
  ['gpufleet_gpu_fan_ratio', 'gauge', gpu],
  ['gpufleet_gpu_throttle_active', 'gauge', `${gpu} reason`],
  ['gpufleet_gpu_ecc_errors_total', 'counter', `${gpu} type scope`],
  ['gpufleet_gpu_remapped_rows_total', 'counter', `${gpu} type`],
  ['gpufleet_gpu_pcie_link_generation', 'gauge', gpu],
  ['gpufleet_gpu_pcie_link_width', 'gauge', gpu],
  ['gpufleet_gpu_xid_errors_total', 'counter', `${gpu} xid`],
  ['gpufleet_gpu_throttle_seconds_total', 'counter', `${gpu} reason`],
  ['gpufleet_mig_memory_used_bytes', 'gauge', `${gpu} gpu_instance compute_instance profile`],
  ['gpufleet_mig_memory_free_bytes', 'gauge', `${gpu} gpu_instance compute_instance profile`],
  ['gpufleet_mig_memory_total_bytes', 'gauge', `${gpu} gpu_instance compute_instance profile`],
  ['gpufleet_container_gpu_utilization_ratio', 'gauge', `${gpu} container image runtime namespace pod`],
  ['gpufleet_container_gpu_memory_used_bytes', 'gauge', `${gpu} container image runtime namespace pod`],
  ['gpufleet_container_compatible', 'gauge', 'host container image runtime namespace pod verdict'],
];

test('names, types and labels are the published ones', () => {
  expect(catalogue.map((family) => [family.name, family.type, family.labels.join(' ')])).toEqual(frozen);
});

test('families of the whole fleet are the published ones', () => {
  expect(fleetFamilies.map((family) => [family.name, family.type, family.labels.join(' ')])).toEqual([
    ['gpufleet_alerts', 'gauge', 'alert severity'],
    ['gpufleet_host_alert', 'gauge', 'host alert'],
  ]);
});

test.each(catalogue.map((family) => [family.name, family] as const))(
  '%s keeps its own declaration',
  (_, family) => {
    const host = exampleHost();
    const seen: string[][] = [];
    family.emit(host, prepareLabels(host, host.hostname), (labels, _value, more = '') =>
      seen.push([...(labels + more).matchAll(/(?:^|,)([a-z_]+)="/g)].map((match) => match[1] ?? '')),
    );
    expect(seen.length).toBeGreaterThan(0);
    for (const names of seen)
      expect(names.filter((name) => !name.startsWith('label_'))).toEqual(family.labels);
    if (family.unit !== null)
      expect(family.name.replace(/_total$/, '')).toMatch(new RegExp(`_${family.unit}$`));
    expect(family.name.endsWith('_total')).toBe(family.type === 'counter');
  },
);
