import { type Node, same } from './elements.ts';
import { clockNodes, powerNodes } from './power-clocks.ts';
import { branchOf, type GpuSpec, type HostSpec } from './specs.ts';

const reasonNames = [
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'hw_slowdown',
  'hw_thermal_slowdown',
  'hw_power_brake_slowdown',
  'sync_boost',
  'sw_thermal_slowdown',
  'display_clocks_setting',
];

const counterNames = [
  'sw_power_cap',
  'sync_boost',
  'sw_therm_slowdown',
  'hw_therm_slowdown',
  'hw_power_brake',
];

export type From = (first: number, ...nodes: Node[]) => Node[];

function reasonNodes(branch: number, isBusy: boolean): Node[] {
  const word = branch >= 535 ? 'event' : 'throttle';
  const reasons: Node = [
    `clocks_${word}_reasons`,
    reasonNames.map((name) => [
      `clocks_${word}_reason_${name}`,
      name === 'gpu_idle' && !isBusy ? 'Active' : 'Not Active',
    ]),
  ];
  const counters: Node = [
    'clocks_event_reasons_counters',
    counterNames.map((name) => [
      `clocks_event_reasons_counters_${name}`,
      name === 'sw_power_cap' ? '7015662857 us' : '0 us',
    ]),
  ];
  return branch >= 575 ? [reasons, counters] : [reasons];
}

function memoryNodes(host: HostSpec, index: number, from: From): Node[] {
  const { model, otherMemoryMiB } = host.gpus[index] as GpuSpec;
  const listed = host.processes
    .filter((process) => process.gpus.includes(index))
    .reduce((sum, process) => sum + process.memoryMiB, 0);
  const used = listed + otherMemoryMiB;
  return [
    [
      'fb_memory_usage',
      [
        ['total', `${model.memoryMiB} MiB`],
        ...from(510, ['reserved', `${model.reservedMiB} MiB`]),
        ['used', `${used} MiB`],
        ['free', `${model.memoryMiB - model.reservedMiB - used} MiB`],
      ],
    ],
    [
      'bar1_memory_usage',
      [
        ['total', `${model.bar1MiB} MiB`],
        ['used', '6 MiB'],
        ['free', `${model.bar1MiB - 6} MiB`],
      ],
    ],
    ...from(535, ['cc_protected_memory_usage', same('0 MiB', ['total', 'used', 'free'])]),
  ];
}

function eccNodes(branch: number, gpu: GpuSpec, from: From): Node[] {
  const { hasEcc, memoryRepair } = gpu.model;
  const zero = hasEcc ? '0' : 'N/A';
  const uncorrectable =
    branch >= 570 ? ['sram_uncorrectable_parity', 'sram_uncorrectable_secded'] : ['sram_uncorrectable'];
  const counts = same(zero, ['sram_correctable', ...uncorrectable, 'dram_correctable', 'dram_uncorrectable']);
  const retired = memoryRepair === 'retire' ? '0' : 'N/A';
  const pending = memoryRepair === 'retire' ? 'No' : 'N/A';
  const retirement = (name: string): Node => [
    name,
    [
      ['retired_count', retired],
      ['retired_pagelist', memoryRepair === 'retire' ? [] : 'N/A'],
    ],
  ];
  return [
    ['ecc_mode', same(hasEcc ? 'Enabled' : 'N/A', ['current_ecc', 'pending_ecc'])],
    [
      'ecc_errors',
      [
        ['volatile', counts],
        ['aggregate', [...counts, ...from(570, ['sram_threshold_exceeded', hasEcc ? 'No' : 'N/A'])]],
        ...from(570, [
          'aggregate_uncorrectable_sram_sources',
          same(zero, ['sram_l2', 'sram_sm', 'sram_microcontroller', 'sram_pcie', 'sram_other']),
        ]),
        ...from(580, ...same('No', ['channel_repair_pending', 'tpc_repair_pending'])),
        ...from(595, ['unrepairable_memory', 'N/A']),
      ],
    ],
    [
      'retired_pages',
      [
        retirement('multiple_single_bit_retirement'),
        retirement('double_bit_retirement'),
        ['pending_blacklist', pending],
        ['pending_retirement', pending],
      ],
    ],
    remappedRows(gpu, from),
  ];
}

function remappedRows(gpu: GpuSpec, from: From): Node {
  if (gpu.model.memoryRepair !== 'remap' || gpu.mig !== undefined) return ['remapped_rows', 'N/A'];
  const banks = (name: string, count: number): Node => [`row_remapper_histogram_${name}`, `${count} bank(s)`];
  return [
    'remapped_rows',
    [
      ['remapped_row_corr', '0'],
      ...from(595, ['remapped_row_corr_inactive', '0']),
      ['remapped_row_unc', '0'],
      ...from(595, ['remapped_row_unc_inactive', '0']),
      ['remapped_row_pending', 'No'],
      ['remapped_row_failure', 'No'],
      [
        'row_remapper_histogram',
        [banks('max', 640), ...['high', 'partial', 'low', 'none'].map((name) => banks(name, 0))],
      ],
    ],
  ];
}

function temperatureNodes(branch: number, gpu: GpuSpec, from: From): Node[] {
  const { model, celsius } = gpu;
  const memory = model.hasMemoryTemperature ? `${celsius + 7} C` : 'N/A';
  const usesMargins = branch >= 535 && ['Hopper', 'Ada Lovelace', 'Blackwell'].includes(model.architecture);
  const target = model.display ? '83 C' : 'N/A';
  const thresholds: Node[] = usesMargins
    ? [
        ['gpu_temp_tlimit', `${model.slowdownCelsius - 5 - celsius} C`],
        ['gpu_temp_max_tlimit_threshold', '-8 C'],
        ['gpu_temp_slow_tlimit_threshold', '-2 C'],
        ['gpu_temp_max_gpu_tlimit_threshold', '0 C'],
        ['gpu_target_temperature', target],
        ['memory_temp', memory],
        ['gpu_temp_max_mem_tlimit_threshold', model.hasMemoryTemperature ? '0 C' : 'N/A'],
      ]
    : [
        ...from(525, ['gpu_temp_tlimit', 'N/A']),
        ['gpu_temp_max_threshold', `${model.slowdownCelsius + 3} C`],
        ['gpu_temp_slow_threshold', `${model.slowdownCelsius} C`],
        ['gpu_temp_max_gpu_threshold', `${model.slowdownCelsius - 5} C`],
        ['gpu_target_temperature', target],
        ['memory_temp', memory],
        ['gpu_temp_max_mem_threshold', model.hasMemoryTemperature ? '95 C' : 'N/A'],
      ];
  const supported: Node[] = model.display
    ? [
        ['gpu_target_temp_min', '65 C'],
        ['gpu_target_temp_max', '91 C'],
      ]
    : same('N/A', ['gpu_target_temp_min', 'gpu_target_temp_max']);
  return [
    ['temperature', [['gpu_temp', `${celsius} C`], ...thresholds]],
    ['supported_gpu_target_temp', supported],
  ];
}

/** Everything of a GPU that is measured, in nvidia-smi's order. */
export function readings(host: HostSpec, index: number): Node[] {
  const gpu = host.gpus[index] as GpuSpec;
  const branch = branchOf(host);
  const from: From = (first, ...nodes) => (branch >= first ? nodes : []);
  const isMig = gpu.mig !== undefined;
  const percent = (value: number): string => (isMig ? 'N/A' : `${value} %`);
  const stats = same('0', ['session_count', 'average_fps', 'average_latency']);
  return [
    ['fan_speed', gpu.model.hasFan ? `${gpu.utilizationPercent > 0 ? 52 : 0} %` : 'N/A'],
    ['performance_state', gpu.utilizationPercent > 0 || isMig ? 'P0' : 'P8'],
    ...reasonNodes(branch, gpu.utilizationPercent > 0),
    ...from(570, ['sparse_operation_mode', 'N/A']),
    ...memoryNodes(host, index, from),
    ['compute_mode', 'Default'],
    [
      'utilization',
      [
        ['gpu_util', percent(gpu.utilizationPercent)],
        ['memory_util', percent(Math.round(gpu.utilizationPercent / 2))],
        ['encoder_util', percent(0)],
        ['decoder_util', percent(0)],
        ...from(535, ['jpeg_util', percent(0)], ['ofa_util', percent(0)]),
      ],
    ],
    ['encoder_stats', stats],
    ['fbc_stats', stats],
    ...from(570, [
      'dram_encryption_mode',
      same('N/A', ['current_dram_encryption', 'pending_dram_encryption']),
    ]),
    ...eccNodes(branch, gpu, from),
    ...temperatureNodes(branch, gpu, from),
    ...powerNodes(branch, gpu),
    ...clockNodes(branch, gpu, from),
  ];
}
