import { type Node, same } from './elements.ts';
import type { From } from './readings.ts';
import type { GpuSpec } from './specs.ts';

const watts = (value: number): string => `${value.toFixed(2)} W`;

export function powerNodes(branch: number, gpu: GpuSpec): Node[] {
  const { limit, min, max } = gpu.model.watts;
  const draw = watts(gpu.watts);
  const state = gpu.utilizationPercent > 0 ? 'P0' : 'P8';
  if (branch < 535)
    return [
      [
        'power_readings',
        [
          ['power_state', state],
          ['power_management', 'Supported'],
          ['power_draw', draw],
          ['power_limit', watts(limit)],
          ['default_power_limit', watts(limit)],
          ['enforced_power_limit', watts(limit)],
          ['min_power_limit', watts(min)],
          ['max_power_limit', watts(max)],
        ],
      ],
    ];
  const draws: Node[] =
    branch < 550
      ? [['power_draw', draw]]
      : [
          ['average_power_draw', draw],
          ['instant_power_draw', watts(gpu.watts * 1.01)],
        ];
  const drawNames = draws.map(([name]) => name);
  const limits = [
    'current_power_limit',
    'requested_power_limit',
    'default_power_limit',
    'min_power_limit',
    'max_power_limit',
  ];
  const values = [limit, limit, limit, min, max].map(watts);
  return [
    [
      'gpu_power_readings',
      [['power_state', state], ...draws, ...limits.map((name, at): Node => [name, values[at] ?? 'N/A'])],
    ],
    ...(branch >= 570
      ? [['gpu_memory_power_readings', same('N/A', ['average_power_draw', 'instant_power_draw'])] as Node]
      : []),
    ['module_power_readings', [['power_state', state], ...same('N/A', [...drawNames, ...limits])]],
    ...(branch >= 570
      ? [
          ['power_smoothing', 'N/A'] as Node,
          [
            'power_profiles',
            same('N/A', ['power_profile_requested_profiles', 'power_profile_enforced_profiles']),
          ] as Node,
        ]
      : []),
  ];
}

export function clockNodes(branch: number, gpu: GpuSpec, from: From): Node[] {
  const { graphics, memory, video, idleGraphics, idleMemory } = gpu.model.megahertz;
  const isBusy = gpu.utilizationPercent > 0;
  const megahertz = (value: number): string => `${value} MHz`;
  const now = isBusy
    ? [graphics - 45, graphics - 45, memory, video]
    : [idleGraphics, idleGraphics, idleMemory, Math.min(video, 765)];
  const names = ['graphics_clock', 'sm_clock', 'mem_clock', 'video_clock'];
  const applications: Node[] = gpu.model.display
    ? same(branch >= 580 ? 'Requested functionality has been deprecated' : 'N/A', [
        'graphics_clock',
        'mem_clock',
      ])
    : [
        ['graphics_clock', megahertz(graphics)],
        ['mem_clock', megahertz(memory)],
      ];
  const steps = Array.from({ length: 6 }, (_, step) => graphics - step * 105).filter(
    (clock) => clock >= idleGraphics,
  );
  return [
    ['clocks', names.map((name, at): Node => [name, megahertz(now[at] ?? 0)])],
    ['applications_clocks', applications],
    ['default_applications_clocks', applications],
    ...from(525, ['deferred_clocks', [['mem_clock', 'N/A']]]),
    [
      'max_clocks',
      names.map((name, at): Node => [name, megahertz([graphics, graphics, memory, video][at] ?? 0)]),
    ],
    ['max_customer_boost_clocks', [['graphics_clock', gpu.model.display ? 'N/A' : megahertz(graphics)]]],
    ['clock_policy', same('N/A', ['auto_boost', 'auto_boost_default'])],
    ...(branch < 580 ? [['voltage', [['graphics_volt', 'N/A']]] as Node] : []),
    ...from(525, fabricNode(branch, gpu)),
    [
      'supported_clocks',
      [
        [
          'supported_mem_clock',
          [
            ['value', megahertz(memory)],
            ...steps.map((clock): Node => ['supported_graphics_clock', megahertz(clock)]),
          ],
        ],
      ],
    ],
  ];
}

function fabricNode(branch: number, gpu: GpuSpec): Node {
  const has = gpu.model.hasFabric;
  const health = ['bandwidth', 'route_recovery_in_progress', 'route_unhealthy', 'access_timeout_recovery'];
  const newer = branch >= 580 ? ['summary', ...health, 'incorrect_configuration'] : health;
  return [
    'fabric',
    [
      ['state', has ? 'Completed' : 'N/A'],
      ['status', has ? 'Success' : 'N/A'],
      ...(branch >= 570
        ? [
            ['cliqueId', has ? '0' : 'N/A'] as Node,
            ['clusterUuid', has ? '00000000-0000-0000-0000-000000000000' : 'N/A'] as Node,
            ['health', same('N/A', newer)] as Node,
          ]
        : []),
    ],
  ];
}
