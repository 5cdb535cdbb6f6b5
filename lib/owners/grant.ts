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
  const byIndex = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(word);
  if (byIndex !== null) {
    const gpu = gpus.find((each) => each.index === Number(byIndex[1]));
    return byIndex[2] === undefined ? whole(gpu) : within(gpu, (each) => each.index === Number(byIndex[2]));
  }
  const byNode = /^(?:\/dev\/)?nvidia(\d{1,5})(?:\/gi(\d{1,5}))?$/.exec(word);
  if (byNode !== null) {
    const gpu = gpus.find((each) => each.minorNumber === Number(byNode[1]));
    if (byNode[2] === undefined) return whole(gpu);
    return within(gpu, (each) => each.gpuInstanceId === Number(byNode[2]));
  }
  if (word.startsWith('MIG-')) return instanceOf(word, gpus);
  return word.startsWith('GPU-') ? whole(byUuid(word, gpus)) : null;
}

function instanceOf(word: string, gpus: readonly KnownGpu[]): Place | null {
  const ids = /^MIG-(GPU-[\w-]{8,40})\/(\d{1,5})\/(\d{1,5})$/.exec(word);
  const isIt = ({ uuid, gpuInstanceId, computeInstanceId }: MigDevice): boolean =>
    ids === null ? uuid === word : gpuInstanceId === Number(ids[2]) && computeInstanceId === Number(ids[3]);
  const holds = ({ migDevices }: KnownGpu): boolean => migDevices.some(isIt);
  return within(ids === null ? gpus.find(holds) : byUuid(ids[1] ?? '', gpus), isIt);
}

const whole = (gpu: KnownGpu | undefined): Place | null =>
  gpu === undefined || gpu.uuid === null ? null : { gpuUuid: gpu.uuid, instance: null };

function within(gpu: KnownGpu | undefined, isIt: (device: MigDevice) => boolean): Place | null {
  const instance = gpu?.migDevices.find(isIt);
  return gpu === undefined || gpu.uuid === null || instance === undefined
    ? null
    : { gpuUuid: gpu.uuid, instance };
}

/** The toolkit takes the beginning of a uuid too. */
const byUuid = (text: string, gpus: readonly KnownGpu[]): KnownGpu | undefined =>
  gpus.find(({ uuid }) => uuid === text) ??
  (text.length >= 8 ? gpus.find(({ uuid }) => uuid?.startsWith(text) === true) : undefined);
