import type { AskedGrant, ContainerGrant, Gpu, MigDevice } from '../model/index.ts';

type KnownGpu = Pick<Gpu, 'uuid' | 'index' | 'minorNumber' | 'migDevices'>;

interface Place {
  readonly gpuUuid: string;
  /** Null: the whole GPU. */
  readonly instance: Pick<MigDevice, 'gpuInstanceId' | 'computeInstanceId'> | null;
}

/** Docker gives a count as the indexes from 0 on, to NVIDIA's hook and as CDI names alike (`countToDevices`). */
const indexesOf = ({ count, devices }: AskedGrant): readonly string[] =>
  count === null
    ? devices
    : Array.from({ length: Math.min(count, mostCounted) }, (_, index) => String(index));
const mostCounted = 256;

/** The same with the GPUs of this host that are meant; words that fit none are kept as such. */
export function resolveGrant(asked: AskedGrant, gpus: readonly KnownGpu[]): ContainerGrant {
  const uuids = new Set<string>();
  const instances = new Map<string, ContainerGrant['instances'][number]>();
  const unresolved: string[] = [];
  if (asked.all) for (const { uuid } of gpus) if (uuid !== null) uuids.add(uuid);
  for (const device of asked.all ? [] : indexesOf(asked)) {
    const place = placeOf(device, gpus);
    if (place === null) unresolved.push(device);
    else {
      uuids.add(place.gpuUuid);
      const { gpuInstanceId = null, computeInstanceId = null } = place.instance ?? {};
      if (gpuInstanceId !== null)
        instances.set(`${place.gpuUuid} ${gpuInstanceId} ${computeInstanceId}`, {
          gpuUuid: place.gpuUuid,
          gpuInstanceId,
          computeInstanceId,
        });
    }
  }
  const { by, all, count, devices } = asked;
  return { by, all, count, devices, gpuUuids: [...uuids], instances: [...instances.values()], unresolved };
}

/** `0`, `0:1`, `GPU-…`, `MIG-…`, `MIG-GPU-…/1/0`, `nvidia.com/gpu=0`, `/dev/nvidia0`, `GPU-…::3` (a share of one). */
function placeOf(device: string, gpus: readonly KnownGpu[]): Place | null {
  const word = device.replace(/^nvidia\.com\/(?:gpu|mig)=/, '').replace(/::\d+$/, '');
  const whole = (gpu: KnownGpu | undefined): Place | null =>
    gpu === undefined || gpu.uuid === null ? null : { gpuUuid: gpu.uuid, instance: null };
  const within = (gpu: KnownGpu | undefined, instance: MigDevice | undefined): Place | null =>
    gpu === undefined || gpu.uuid === null || instance === undefined ? null : { gpuUuid: gpu.uuid, instance };
  const [, index, migIndex] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(word) ?? [];
  if (index !== undefined) {
    const gpu = gpus.find((each) => each.index === Number(index));
    if (migIndex === undefined) return whole(gpu);
    return within(
      gpu,
      gpu?.migDevices.find((each) => each.index === Number(migIndex)),
    );
  }
  const [, minor, instanceId] = /^(?:\/dev\/)?nvidia(\d{1,5})(?:\/gi(\d{1,5}))?$/.exec(word) ?? [];
  if (minor !== undefined) {
    const gpu = gpus.find((each) => each.minorNumber === Number(minor));
    if (instanceId === undefined) return whole(gpu);
    return within(
      gpu,
      gpu?.migDevices.find((each) => each.gpuInstanceId === Number(instanceId)),
    );
  }
  const [, parent, gi, ci] = /^MIG-(GPU-[\w-]{8,40})\/(\d{1,5})\/(\d{1,5})$/.exec(word) ?? [];
  if (parent !== undefined) {
    const gpu = byUuid(parent, gpus);
    const isIt = (each: MigDevice): boolean =>
      each.gpuInstanceId === Number(gi) && each.computeInstanceId === Number(ci);
    return within(gpu, gpu?.migDevices.find(isIt));
  }
  if (word.startsWith('MIG-'))
    for (const gpu of gpus) {
      const instance = gpu.migDevices.find(({ uuid }) => uuid === word);
      if (instance !== undefined) return within(gpu, instance);
    }
  return word.startsWith('GPU-') ? whole(byUuid(word, gpus)) : null;
}

/** The toolkit takes the beginning of a uuid too. */
const byUuid = (text: string, gpus: readonly KnownGpu[]): KnownGpu | undefined =>
  gpus.find(({ uuid }) => uuid === text) ??
  (text.length >= 8 ? gpus.find(({ uuid }) => uuid?.startsWith(text) === true) : undefined);
