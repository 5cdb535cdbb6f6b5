import { createHash } from 'node:crypto';
import { uuidFrom } from '../../player/identity.ts';
import { type Node, same } from './elements.ts';
import { readings } from './readings.ts';
import { branchOf, type GpuSpec, type HostSpec } from './specs.ts';

const digits = (text: string, count: number): string =>
  String(Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16))
    .padStart(count, '4')
    .slice(-count);

export const gpuUuid = (host: HostSpec, index: number): string =>
  `GPU-${uuidFrom(`${host.name} gpu ${index}`)}`;
export const migUuid = (host: HostSpec, gpu: number, index: number): string =>
  `MIG-${uuidFrom(`${host.name} gpu ${gpu} mig ${index}`)}`;
export const busId = (gpu: GpuSpec): string => `00000000:${gpu.bus}:${gpu.device ?? '00'}.0`;

const deprecated = 'Requested functionality has been deprecated';
const enabled = (on: boolean): string => (on ? 'Enabled' : 'Disabled');

function migNodes(gpu: GpuSpec, usedBy: (gpuInstanceId: number) => number): Node[] {
  const { mig, model } = gpu;
  const mode = !model.hasMig ? 'N/A' : enabled(mig !== undefined);
  const modeNode: Node = ['mig_mode', same(mode, ['current_mig', 'pending_mig'])];
  if (mig === undefined) return [modeNode, ['mig_devices', 'None']];
  const devices = mig.map((device, index): Node => {
    const used = 12 + usedBy(device.gpuInstanceId);
    return [
      'mig_device',
      [
        ['index', String(index)],
        ['gpu_instance_id', String(device.gpuInstanceId)],
        ['compute_instance_id', '0'],
        [
          'device_attributes',
          [
            [
              'shared',
              [
                ['multiprocessor_count', String(device.multiprocessors)],
                ['copy_engine_count', String(Math.max(1, Number(device.profile[0])))],
                ...same('0', ['encoder_count']),
                ['decoder_count', String(Math.max(1, Number(device.profile[0])))],
                ...same('0', ['ofa_count']),
                ['jpg_count', String(Math.max(1, Number(device.profile[0])))],
              ],
            ],
          ],
        ],
        ['ecc_error_count', [['volatile_count', [['sram_uncorrectable', '0']]]]],
        [
          'fb_memory_usage',
          [
            ['total', `${device.memoryMiB} MiB`],
            ['reserved', '0 MiB'],
            ['used', `${used} MiB`],
            ['free', `${device.memoryMiB - used} MiB`],
          ],
        ],
        [
          'bar1_memory_usage',
          [
            ['total', '16384 MiB'],
            ['used', '0 MiB'],
            ['free', '16384 MiB'],
          ],
        ],
      ],
    ];
  });
  return [modeNode, ['mig_devices', devices]];
}

function identityNodes(host: HostSpec, gpu: GpuSpec, index: number): (Node | null)[] {
  const branch = branchOf(host);
  const { model } = gpu;
  const from = (first: number, ...nodes: Node[]): (Node | null)[] => (branch >= first ? nodes : []);
  const gsp: Node = ['gsp_firmware_version', model.architecture === 'Volta' ? 'N/A' : host.driverVersion];
  return [
    ['driver_model', same('N/A', ['current_dm', 'pending_dm'])],
    ['serial', model.display ? 'N/A' : `16${digits(`${host.name} serial ${index}`, 11)}`],
    ['uuid', gpuUuid(host, index)],
    ...from(580, [
      'pdi',
      `0x${createHash('sha256').update(`${host.name} pdi ${index}`).digest('hex').slice(0, 16)}`,
    ]),
    ['minor_number', String(index)],
    ['vbios_version', model.vbios],
    ['multigpu_board', 'No'],
    ['board_id', `0x${Number.parseInt(`${gpu.bus}00`, 16).toString(16)}`],
    ...from(525, ['board_part_number', model.partNumber]),
    [
      'gpu_part_number',
      model.display ? `${model.deviceId.slice(0, 4)}-301-A1` : `${model.deviceId.slice(0, 4)}-885-A1`,
    ],
    ...from(535, ['gpu_fru_part_number', 'N/A']),
    ...(branch < 570 ? [['gpu_module_id', String(index + 1)] as const] : []),
    ...from(570, [
      'platformInfo',
      [
        ...same('N/A', ['chassis_serial_number', 'slot_number', 'tray_index', 'host_id', 'peer_type']),
        ['module_id', String(index + 1)],
        ['gpu_fabric_guid', 'N/A'],
      ],
    ]),
    [
      'inforom_version',
      [
        ['img_version', model.display ? 'G002.0000.00.03' : 'G520.0200.00.05'],
        ['oem_object', '2.1'],
        ['ecc_object', model.hasEcc ? '7.16' : 'N/A'],
        ['pwr_object', 'N/A'],
      ],
    ],
    ...from(570, ['inforom_bbx_flush', same('N/A', ['latest_timestamp', 'latest_duration'])]),
    ['gpu_operation_mode', same('N/A', ['current_gom', 'pending_gom'])],
    ...from(570, ['c2c_mode', model.name.includes('GB') ? 'Enabled' : model.display ? 'N/A' : 'Disabled']),
    ...(branch < 560 ? [gsp] : []),
    [
      'gpu_virtualization_mode',
      [
        ['virtualization_mode', 'None'],
        ['host_vgpu_mode', 'N/A'],
        ...from(570, ['vgpu_heterogeneous_mode', 'N/A']),
      ],
    ],
    ...(branch >= 535 && branch < 580
      ? [
          [
            'gpu_reset_status',
            [
              ['reset_required', 'No'],
              ['drain_and_reset_recommended', 'No'],
            ],
          ] as Node,
        ]
      : []),
    ...from(570, ['gpu_recovery_action', 'None']),
    ...from(560, gsp),
    ['ibmnpu', [['relaxed_ordering_mode', 'N/A']]],
  ];
}

function pciNode(branch: number, gpu: GpuSpec): Node {
  const { model } = gpu;
  const generation = String(model.pcieGeneration);
  const from = (first: number, ...nodes: Node[]): Node[] => (branch >= first ? nodes : []);
  return [
    'pci',
    [
      ['pci_bus', gpu.bus],
      ['pci_device', gpu.device ?? '00'],
      ['pci_domain', '0000'],
      ...from(570, ['pci_base_class', '3'], ['pci_sub_class', model.display ? '0' : '2']),
      ['pci_device_id', model.deviceId],
      ['pci_bus_id', busId(gpu)],
      ['pci_sub_system_id', model.subsystemId],
      [
        'pci_gpu_link_info',
        [
          [
            'pcie_gen',
            [
              ['max_link_gen', generation],
              ['current_link_gen', generation],
              ...from(
                525,
                ['device_current_link_gen', generation],
                ['max_device_link_gen', generation],
                ['max_host_link_gen', 'N/A'],
              ),
            ],
          ],
          ['link_widths', same('16x', ['max_link_width', 'current_link_width'])],
        ],
      ],
      ['pci_bridge_chip', same('N/A', ['bridge_chip_type', 'bridge_chip_fw'])],
      ['replay_counter', '0'],
      ['replay_rollover_counter', '0'],
      ['tx_util', '512 KB/s'],
      ['rx_util', '608 KB/s'],
      ...from(525, ...same('N/A', ['atomic_caps_outbound', 'atomic_caps_inbound'])),
    ],
  ];
}

function processNodes(host: HostSpec, index: number): Node[] {
  return host.processes
    .filter((process) => process.gpus.includes(index))
    .map((process) => [
      'process_info',
      [
        ['gpu_instance_id', String(process.gpuInstanceId ?? 'N/A')],
        ['compute_instance_id', process.gpuInstanceId === undefined ? 'N/A' : '0'],
        ['pid', String(process.pid)],
        ['type', process.type],
        ['process_name', process.name],
        ['used_memory', `${process.memoryMiB} MiB`],
      ],
    ]);
}

/** One `<gpu>` with every element group of the host's branch. */
export function gpuNode(host: HostSpec, index: number): Node {
  const gpu = host.gpus[index] as GpuSpec;
  const branch = branchOf(host);
  const { model } = gpu;
  const usedBy = (gpuInstanceId: number): number =>
    host.processes
      .filter((process) => process.gpus.includes(index) && process.gpuInstanceId === gpuInstanceId)
      .reduce((sum, process) => sum + process.memoryMiB, 0);
  const from = (first: number, ...nodes: Node[]): Node[] => (branch >= first ? nodes : []);
  return [
    'gpu',
    [
      ['product_name', model.name],
      ['product_brand', model.brand],
      ['product_architecture', model.architecture],
      ['display_mode', branch >= 580 ? deprecated : enabled(model.display && index === 0)],
      ...from(580, ['display_attached', model.display && index === 0 ? 'Yes' : 'No']),
      ['display_active', enabled(model.display && index === 0)],
      ['persistence_mode', enabled(host.persistence)],
      ...from(535, ['addressing_mode', host.openModule ? 'HMM' : 'None']),
      ...migNodes(gpu, usedBy),
      ['accounting_mode', 'Disabled'],
      ['accounting_mode_buffer_size', '4000'],
      ...identityNodes(host, gpu, index),
      pciNode(branch, gpu),
      ...readings(host, index),
      ['processes', processNodes(host, index)],
      ['accounted_processes', []],
      ...from(570, ['capabilities', [['egm', 'disabled']]]),
    ],
  ];
}
