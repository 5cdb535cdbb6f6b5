import type { Names } from './names.ts';
import { masked, maskRegistry, type Numbered } from './patterns.ts';

type Json = unknown;
type Object_ = Readonly<Record<string, Json>>;

export interface JsonMasks {
  readonly names: Names;
  readonly hostNumbered: Numbered;
}

const isObject = (value: Json): value is Object_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Only these keys; the others are not asked about, and may hold anything. */
const pick = (value: Json, keys: readonly string[]): Object_ =>
  isObject(value) ? Object.fromEntries(keys.flatMap((key) => (key in value ? [[key, value[key]]] : []))) : {};

/** Of these variables the value is what the stack goes by; of all others only the name is kept. */
const openVariables =
  /^(?:CUDA_VERSION|NV_CUDA_\w+_VERSION|NVIDIA_(?:VISIBLE_DEVICES|DRIVER_CAPABILITIES|REQUIRE_\w+|DISABLE_REQUIRE|IMEX_CHANNELS|MIG_\w+))$/;

const environmentOf = (value: Json): readonly string[] =>
  !Array.isArray(value)
    ? []
    : value.flatMap((item: unknown) => {
        if (typeof item !== 'string') return [];
        const name = item.split('=', 1)[0] ?? '';
        return openVariables.test(name) ? [item] : [`${name}=${masked}`];
      });

const namedLabels: Readonly<Record<string, string>> = {
  'io.kubernetes.pod.name': 'pod',
  'io.kubernetes.pod.namespace': 'namespace',
  'io.kubernetes.container.name': 'container',
};

function labelsOf(value: Json, { names }: JsonMasks): Object_ {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => {
      if (typeof text !== 'string') return [];
      const kind = namedLabels[key];
      if (kind !== undefined) return [[key, names.add(kind, text)]];
      return key === 'io.kubernetes.pod.uid' ? [[key, text]] : [];
    }),
  );
}

const imageOf = (value: Json, { hostNumbered }: JsonMasks): Json =>
  typeof value === 'string' ? maskRegistry(value, hostNumbered) : null;

/** A container's name is chosen by a person; its id is chance. */
function containerName(value: Json, { names }: JsonMasks): Json {
  if (typeof value !== 'string') return null;
  const slash = value.startsWith('/') ? '/' : '';
  return `${slash}${names.add('container', value.slice(slash.length))}`;
}

/** Not the error: an engine's words may quote paths and arguments. */
const stateKeys = ['Status', 'Running', 'Pid', 'StartedAt', 'FinishedAt', 'ExitCode', 'OOMKilled'];

function inspected(value: Object_, masks: JsonMasks): Object_ {
  const config = isObject(value['Config']) ? value['Config'] : {};
  const hostConfig = pick(value['HostConfig'], ['Runtime', 'DeviceRequests', 'Devices', 'Privileged']);
  return {
    ...pick(value, ['Id', 'Image', 'Created']),
    Name: containerName(value['Name'], masks),
    State: pick(value['State'], stateKeys),
    Config: {
      Image: imageOf(config['Image'], masks),
      Env: environmentOf(config['Env']),
      Labels: labelsOf(config['Labels'], masks),
    },
    HostConfig: hostConfig,
  };
}

const listed = (value: Object_, masks: JsonMasks): Object_ => ({
  ...pick(value, ['Id', 'ImageID', 'Created', 'State']),
  Names: Array.isArray(value['Names']) ? value['Names'].map((name) => containerName(name, masks)) : [],
  Image: imageOf(value['Image'], masks),
});

const infoKeys = [
  'ServerVersion',
  'DefaultRuntime',
  'CgroupDriver',
  'CgroupVersion',
  'CDISpecDirs',
  'DiscoveredDevices',
  'KernelVersion',
  'OperatingSystem',
  'OSType',
  'Architecture',
  'Driver',
  'LiveRestoreEnabled',
  'SecurityOptions',
  'RuncCommit',
];

const runtimesOf = (value: Json): Object_ =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, pick(each, ['path', 'runtimeType'])]),
      )
    : {};

/** An answer of Docker's engine with what is asked about kept and all else left out. */
export function maskDocker(path: string, value: Json, masks: JsonMasks): Json {
  if (/^\/containers\/json/.test(path))
    return Array.isArray(value)
      ? value.map((each: Json) => (isObject(each) ? listed(each, masks) : null))
      : [];
  if (/^\/containers\/[^/]+\/json$/.test(path)) return isObject(value) ? inspected(value, masks) : null;
  if (path === '/info')
    return isObject(value) ? { ...pick(value, infoKeys), Runtimes: runtimesOf(value['Runtimes']) } : null;
  if (path === '/version') return pick(value, ['Version', 'ApiVersion', 'Os', 'Arch', 'KernelVersion']);
  return null;
}

/** daemon.json: what concerns GPUs; proxies, mirrors and log options may hold anything. */
export function maskDaemonConfig(value: Json): Json {
  if (!isObject(value)) return null;
  const kept = pick(value, [
    'default-runtime',
    'exec-opts',
    'features',
    'cdi-spec-dirs',
    'live-restore',
    'storage-driver',
  ]);
  const others = Object.keys(value).filter((key) => !(key in kept) && key !== 'runtimes');
  return {
    ...kept,
    ...('runtimes' in value ? { runtimes: runtimesOf(value['runtimes']) } : {}),
    ...Object.fromEntries(others.map((key) => [key, masked])),
  };
}
