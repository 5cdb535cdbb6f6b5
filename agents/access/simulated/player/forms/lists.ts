import type { GpuScene, Scene } from '../scene.ts';

const uuidOf = (gpu: GpuScene): string => gpu.text('uuid') ?? 'N/A';

/** `nvidia-smi -L`. MIG devices whose uuid is not known are left out: no uuid is invented for a recorded host. */
export function listText(gpus: readonly GpuScene[]): string {
  const lines = gpus.flatMap((gpu) => {
    const name = gpu.text('product_name') ?? 'N/A';
    const head = gpu.lost
      ? `Unable to determine the device handle for gpu ${gpu.text('pci/pci_bus_id') ?? gpu.index}: GPU is lost`
      : `GPU ${gpu.index}: ${name} (UUID: ${uuidOf(gpu)})`;
    if (gpu.lost) return [head];
    const devices = gpu.migDevices
      .filter((device) => device.uuid !== null)
      .map(
        ({ device, profile, uuid }) =>
          `  MIG ${profile.padEnd(11)} Device ${String(device.index).padStart(2)}: (UUID: ${uuid})`,
      );
    return [head, ...devices];
  });
  return `${lines.join('\n')}\n`;
}

const profileIds: Readonly<Record<string, number>> = { '1': 19, '2': 14, '3': 9, '4': 5, '7': 0 };

/** `nvidia-smi mig -lgi`: GPU instances with profile, id and placement. */
export function gpuInstancesText(gpus: readonly GpuScene[]): { text: string; exitCode: number } {
  const rows = gpus.flatMap((gpu) => {
    let start = 0;
    return gpu.migDevices.map(({ device, profile }) => {
      const size = Number(profile.split('g')[0]) || 1;
      const at = start;
      start += size === 3 ? 4 : size;
      const name = `MIG ${profile}`.padEnd(13);
      const id = String(profileIds[String(size)] ?? 19).padStart(6);
      const instance = String(device.gpuInstanceId ?? '-').padStart(9);
      return `| ${String(gpu.index).padStart(3)}  ${name}${id}${instance}${`${at}:${size === 3 ? 4 : size}`.padStart(13)}     |`;
    });
  });
  if (rows.length === 0) return { text: 'No MIG-enabled devices found.\n', exitCode: 6 };
  const rule = `+${'-'.repeat(55)}+`;
  const head = [
    rule,
    '| GPU instances:                                        |',
    '| GPU   Name             Profile  Instance   Placement  |',
    '|                          ID       ID       Start:Size |',
    `|${'='.repeat(55)}|`,
  ];
  return { text: `${[...head, ...rows.flatMap((line) => [line, rule])].join('\n')}\n`, exitCode: 0 };
}

/** `nvidia-smi --version`; from R610 on in its new words. */
export function versionText(scene: Scene): string {
  const driver = scene.driverVersion ?? 'N/A';
  const nvml = driver.split('.').slice(0, 2).join('.');
  const cuda = scene.cudaVersion ?? 'N/A';
  const renamed = scene.template.branch >= 610;
  const lines = [
    `NVIDIA-SMI version  : ${driver}`,
    `NVML version        : ${nvml}`,
    ...(renamed
      ? [
          'DRIVER version      : Deprecated, see "KMD version" instead',
          'CUDA version        : Deprecated, see "CUDA UMD version" instead',
          `KMD version         : ${driver}`,
          `CUDA UMD version    : ${cuda}`,
        ]
      : [`DRIVER version      : ${driver}`, `CUDA Version        : ${cuda}`]),
  ];
  return `${lines.join('\n')}\n`;
}
