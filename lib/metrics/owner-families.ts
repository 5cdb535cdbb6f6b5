import type { ExposedGpu, ExposedHost, Family } from './family.ts';
import { label } from './family.ts';

const migLabels = ['host', 'gpu', 'uuid', 'gpu_instance', 'compute_instance', 'profile'];
const containerLabels = ['host', 'gpu', 'uuid', 'container', 'image', 'runtime', 'namespace', 'pod'];

type MigDevice = ExposedGpu['migDevices'][number];
type Use = ExposedHost['containers'][number]['gpus'][number];

function perMig(name: string, help: string, read: (device: MigDevice) => number | null): Family {
  return {
    name,
    help,
    type: 'gauge',
    unit: 'bytes',
    labels: migLabels,
    told: 'while-current',
    emit(host, prepared, sample) {
      for (const [i, gpu] of host.gpus.entries())
        for (const device of gpu.migDevices) {
          const own = `gpu_instance="${device.gpuInstanceId ?? ''}",compute_instance="${device.computeInstanceId ?? ''}"`;
          sample(`${prepared.gpus[i] ?? ''},${own},${label('profile', device.profile)}`, read(device));
        }
    },
  };
}

/** One series a container and GPU: uses of several MIG devices, or of containers with the same labels, are added up. */
function perContainer(
  shape: Pick<Family, 'name' | 'help' | 'unit'>,
  read: (use: Use) => number | null,
): Family {
  return {
    ...shape,
    type: 'gauge',
    labels: containerLabels,
    told: 'while-current',
    emit(host, prepared, sample) {
      const sums = new Map<string, number>();
      const gpuLabels = new Map(host.gpus.map((gpu, i) => [gpu.uuid, prepared.gpus[i]]));
      for (const container of host.containers)
        for (const use of container.gpus) {
          const value = read(use);
          if (value === null) continue;
          const gpu = gpuLabels.get(use.gpuUuid) ?? `${prepared.host},gpu="",${label('uuid', use.gpuUuid)}`;
          const labels = [
            gpu,
            label('container', container.name ?? container.id.slice(0, 12)),
            label('image', container.image),
            label('runtime', container.runtime),
            label('namespace', container.namespace),
            label('pod', container.pod),
          ].join(',');
          sums.set(labels, (sums.get(labels) ?? 0) + value);
        }
      for (const [labels, value] of sums) sample(labels, value);
    },
  };
}

/** What is told per MIG device and per container. */
export const ownerFamilies: readonly Family[] = [
  perMig(
    'gpufleet_mig_memory_used_bytes',
    'Memory in use of a MIG device.',
    (device) => device.memory.usedBytes,
  ),
  perMig(
    'gpufleet_mig_memory_free_bytes',
    'Free memory of a MIG device.',
    (device) => device.memory.freeBytes,
  ),
  perMig(
    'gpufleet_mig_memory_total_bytes',
    'Memory of a MIG device in all.',
    (device) => device.memory.totalBytes,
  ),
  perContainer(
    {
      name: 'gpufleet_container_gpu_utilization_ratio',
      help: 'Share of a GPU that the processes of a container use.',
      unit: 'ratio',
    },
    (use) => use.smRatio,
  ),
  perContainer(
    {
      name: 'gpufleet_container_gpu_memory_used_bytes',
      help: 'GPU memory that the processes of a container use.',
      unit: 'bytes',
    },
    (use) => use.usedMemoryBytes,
  ),
];
