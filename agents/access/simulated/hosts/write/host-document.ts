import { linesOf, type Node } from './elements.ts';
import { busId, gpuNode, gpuUuid, migUuid } from './gpu-document.ts';
import { branchOf, type GpuSpec, type HostSpec } from './specs.ts';

const dtd = (branch: number): string => (branch >= 580 ? 'v13' : branch >= 525 ? 'v12' : 'v11');

/** `nvidia-smi -q -x` of a host. */
export function smiXml(host: HostSpec): string {
  const branch = branchOf(host);
  const heads: Node[] = [
    ['timestamp', 'Mon Nov  9 09:30:00 2026'],
    ['driver_version', host.driverVersion],
    ...(branch >= 610 ? [['kmd_version', host.driverVersion] as Node] : []),
    ['cuda_version', host.cudaVersion],
    ...(branch >= 610 ? [['cuda_umd_version', host.cudaVersion] as Node] : []),
    ['attached_gpus', String(host.gpus.length)],
  ];
  const gpus = host.gpus.flatMap((gpu, index) => {
    const [, ...rest] = linesOf(gpuNode(host, index), '\t');
    return [`\t<gpu id="${busId(gpu)}">`, ...rest, ''];
  });
  return `${[
    '<?xml version="1.0" ?>',
    `<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_${dtd(branch)}.dtd">`,
    '<nvidia_smi_log>',
    ...heads.flatMap((head) => linesOf(head, '\t')),
    ...gpus,
    '</nvidia_smi_log>',
  ].join('\n')}\n`;
}

/** `nvidia-smi -L` of a host. */
export function smiList(host: HostSpec): string {
  const lines = host.gpus.flatMap((gpu: GpuSpec, index) => [
    `GPU ${index}: ${gpu.model.name} (UUID: ${gpuUuid(host, index)})`,
    ...(gpu.mig ?? []).map(
      (device, position) =>
        `  MIG ${device.profile.padEnd(11)} Device ${String(position).padStart(2)}: (UUID: ${migUuid(host, index, position)})`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}
