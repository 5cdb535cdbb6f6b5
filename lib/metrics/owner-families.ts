import type { OwnerKind } from '../model/index.ts';
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

/** Of an agent on its own, and unless the hub's settings say otherwise. */
const mostOwnersUnlessTold = 50;

/** As the `runtime` label names those that are no container. */
const runtimeOf: Readonly<Record<OwnerKind, string>> = {
  pod: 'kubernetes',
  slurm: 'slurm',
  unit: 'systemd',
  user: 'user',
  process: 'process',
};

interface OwnedUse {
  readonly labels: string;
  readonly use: Use;
}

const ownerLabels = (values: readonly (string | null)[]): string =>
  containerLabels
    .slice(3)
    .map((name, i) => label(name, values[i] ?? null))
    .join(',');

const otherLabels = ownerLabels(['other', null, 'other', null, null]);

function ownedUses({ containers, owners = [] }: ExposedHost): OwnedUse[] {
  const ofContainers = containers.flatMap(({ id, name, image, runtime, namespace, pod, gpus }) => {
    const labels = ownerLabels([name ?? id.slice(0, 12), image, runtime, namespace, pod]);
    return gpus.map((use) => ({ labels, use }));
  });
  const ofOthers = owners.flatMap(({ key, kind, name, namespace, gpus }) => {
    // Jobs may share a name, and their ids do not.
    const shown = kind === 'slurm' ? key : (name ?? key);
    const labels = ownerLabels([shown, null, runtimeOf[kind], namespace, kind === 'pod' ? name : null]);
    return gpus.map((use) => ({ labels, use }));
  });
  return [...ofContainers, ...ofOthers];
}

/** A GPU's owners by what they hold, the rest under one name: a host that runs many jobs must not flood a Prometheus. */
function bounded(owned: readonly OwnedUse[], most: number): ReadonlyMap<string, readonly Use[]> {
  const byOwner = Map.groupBy(owned, ({ labels }) => labels);
  if (byOwner.size <= most)
    return new Map([...byOwner].map(([labels, uses]) => [labels, uses.map(({ use }) => use)]));
  const held = ([, uses]: readonly [string, readonly OwnedUse[]]): number =>
    uses.reduce((sum, { use }) => sum + (use.usedMemoryBytes ?? 0), 0);
  const ranked = [...byOwner].sort((a, b) => held(b) - held(a) || (a[0] < b[0] ? -1 : 1));
  const named = ranked.slice(0, most).map(([labels, uses]) => [labels, uses.map(({ use }) => use)] as const);
  const rest = ranked.slice(most).flatMap(([, uses]) => uses.map(({ use }) => use));
  return new Map([...named, [otherLabels, rest]]);
}

/** One series an owner and GPU: uses of several MIG devices, or of owners with the same labels, are added up. */
function perOwner(shape: Pick<Family, 'name' | 'help' | 'unit'>, read: (use: Use) => number | null): Family {
  return {
    ...shape,
    type: 'gauge',
    labels: containerLabels,
    told: 'while-current',
    emit(host, prepared, sample) {
      const gpuLabels = new Map(host.gpus.map((gpu, i) => [gpu.uuid, prepared.gpus[i]]));
      const most = host.maxOwnersPerGpu ?? mostOwnersUnlessTold;
      for (const [uuid, owned] of Map.groupBy(ownedUses(host), ({ use }) => use.gpuUuid)) {
        const gpu = gpuLabels.get(uuid) ?? `${prepared.host},gpu="",${label('uuid', uuid)}`;
        for (const [labels, uses] of bounded(owned, most)) {
          const told = uses.map(read).filter((value) => value !== null);
          if (told.length > 0)
            sample(
              `${gpu},${labels}`,
              told.reduce((sum, value) => sum + value, 0),
            );
        }
      }
    },
  };
}

/** What is told per MIG device, and per container and other owner. */
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
  perOwner(
    {
      name: 'gpufleet_container_gpu_utilization_ratio',
      help: 'Share of SM time that the processes of a container, job, unit or user had, as reported.',
      unit: 'ratio',
    },
    (use) => use.smRatio,
  ),
  perOwner(
    {
      name: 'gpufleet_container_gpu_memory_used_bytes',
      help: 'GPU memory that the processes of a container, job, unit or user use.',
      unit: 'bytes',
    },
    (use) => use.usedMemoryBytes,
  ),
];
