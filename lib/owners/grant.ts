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

/** How a word names a GPU, or an instance of one. */
type Named =
  | { readonly by: 'index'; readonly gpu: number; readonly instance: number | null }
  | { readonly by: 'minor'; readonly gpu: number; readonly instance: number | null }
  | { readonly by: 'instance'; readonly gpu: string; readonly gi: number; readonly ci: number }
  | { readonly by: 'mig-uuid' | 'uuid'; readonly uuid: string };

function namedBy(device: string): Named | null {
  const word = device.replace(/^nvidia\.com\/(?:gpu|mig)=/, '').replace(/::\d+$/, '');
  const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const index = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(word);
  if (index !== null) return { by: 'index', gpu: Number(index[1]), instance: number(index[2]) };
  const node = /^(?:\/dev\/)?nvidia(\d{1,5})(?:\/gi(\d{1,5}))?$/.exec(word);
  if (node !== null) return { by: 'minor', gpu: Number(node[1]), instance: number(node[2]) };
  const mig = /^MIG-(GPU-[\w-]{8,40})\/(\d{1,5})\/(\d{1,5})$/.exec(word);
  if (mig !== null) return { by: 'instance', gpu: mig[1] ?? '', gi: Number(mig[2]), ci: Number(mig[3]) };
  if (word.startsWith('MIG-')) return { by: 'mig-uuid', uuid: word };
  return word.startsWith('GPU-') ? { by: 'uuid', uuid: word } : null;
}

/** `0`, `0:1`, `GPU-…`, `MIG-…`, `MIG-GPU-…/1/0`, `nvidia.com/gpu=0`, `/dev/nvidia0`, `GPU-…::3` (a share of one). */
function placeOf(device: string, gpus: readonly KnownGpu[]): Place | null {
  const named = namedBy(device);
  if (named === null) return null;
  switch (named.by) {
    case 'index': {
      const gpu = gpus.find((each) => each.index === named.gpu);
      return named.instance === null ? whole(gpu) : within(gpu, (each) => each.index === named.instance);
    }
    case 'minor': {
      const gpu = gpus.find((each) => each.minorNumber === named.gpu);
      if (named.instance === null) return whole(gpu);
      return within(gpu, (each) => each.gpuInstanceId === named.instance);
    }
    case 'instance':
      return within(
        byUuid(named.gpu, gpus),
        (each) => each.gpuInstanceId === named.gi && each.computeInstanceId === named.ci,
      );
    case 'mig-uuid': {
      const isIt = ({ uuid }: MigDevice): boolean => uuid === named.uuid;
      return within(
        gpus.find((each) => each.migDevices.some(isIt)),
        isIt,
      );
    }
    case 'uuid':
      return whole(byUuid(named.uuid, gpus));
  }
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
