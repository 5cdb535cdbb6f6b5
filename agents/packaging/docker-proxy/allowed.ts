/** What of an answer is passed on: true is the whole value, an object just those keys, a function what it makes of it. */
type Shape = true | ((value: unknown) => unknown) | { readonly [key: string]: Shape };

/** Variables of a container that say which GPUs and which CUDA it wants; the others, NVIDIA_API_KEY too, may be secrets. */
const variables = new RegExp(
  `^(${[
    'CUDA_VERSION',
    'CUDA_DRIVER_VERSION',
    'NV_CUDA_CUDART_VERSION',
    'NV_CUDA_COMPAT_PACKAGE',
    'NVIDIA_VISIBLE_DEVICES',
    'NVIDIA_DRIVER_CAPABILITIES',
    'NVIDIA_REQUIRE_[A-Z0-9_]{1,64}',
    'NVIDIA_DISABLE_REQUIRE',
    'NVIDIA_IMEX_CHANNELS',
    'NVIDIA_MIG_CONFIG_DEVICES',
    'NVIDIA_MIG_MONITOR_DEVICES',
  ].join('|')})=`,
);

const environment = (value: unknown): unknown =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string' && variables.test(item)) : null;

const version: Shape = {
  Version: true,
  ApiVersion: true,
  MinAPIVersion: true,
  Os: true,
  Arch: true,
  KernelVersion: true,
  Components: true,
  Platform: true,
};

const info: Shape = {
  ServerVersion: true,
  Runtimes: true,
  DefaultRuntime: true,
  CgroupDriver: true,
  CgroupVersion: true,
  CDISpecDirs: true,
  DiscoveredDevices: true,
  OperatingSystem: true,
  KernelVersion: true,
  Driver: true,
};

const listed: Shape = { Id: true, Names: true, State: true, Status: true, Created: true };

const inspected: Shape = {
  Id: true,
  Name: true,
  Image: true,
  Created: true,
  State: {
    Status: true,
    StartedAt: true,
    FinishedAt: true,
    ExitCode: true,
    OOMKilled: true,
    Pid: true,
    Error: true,
  },
  Config: { Image: true, Labels: true, Env: environment, User: true },
  HostConfig: {
    Runtime: true,
    DeviceRequests: true,
    Devices: devices,
    Privileged: true,
    RestartPolicy: { Name: true },
  },
};

const image: Shape = { Id: true, Config: { Env: environment } };

/** Which device nodes and CDI names it was given, and not where they are in the container. */
function devices(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => cut(item, { PathOnHost: true })) : null;
}

function cut(value: unknown, shape: Shape): unknown {
  if (shape === true) return value;
  if (typeof shape === 'function') return shape(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, inner]) =>
      Object.hasOwn(value, key) ? [[key, cut((value as Record<string, unknown>)[key], inner)]] : [],
    ),
  );
}

/** Of containers' ends and starts, as events.ts of agents/collect asks for them: times, and exactly its filter. */
const eventQuery =
  /^\?since=\d{1,12}\.\d{3}&until=\d{1,12}\.\d{3}&filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%2C%22event%22%3A%5B%22create%22%2C%22start%22%2C%22oom%22%2C%22die%22%2C%22destroy%22%2C%22connect%22%5D%7D$/;
const event: Shape = {
  Type: true,
  Action: true,
  time: true,
  timeNano: true,
  Actor: { ID: true, Attributes: true },
};
/** Containers that do not run, as ended.ts of agents/collect asks for them. */
const endedQuery =
  '?all=1&limit=50&filters=%7B%22status%22%3A%5B%22created%22%2C%22exited%22%2C%22dead%22%2C%22restarting%22%5D%7D';
const imageName = /^\/images\/(?!.*\.\.)[a-zA-Z0-9][\w.:@/-]{0,299}\/json$/;

export interface AllowedRequest {
  /** As it is asked of Docker: never the text that was sent. */
  readonly path: string;
  /** The answer is one JSON value a line. */
  readonly isLines?: true;
  /** What of Docker's answer is passed on. */
  filter(answer: unknown): unknown;
}

/** The whole list of what may be asked; null for anything else. A version before the path is taken and passed on. */
export function allowedRequest(method: string, target: string): AllowedRequest | null {
  if (method !== 'GET') return null;
  const [, prefix = '', path = '', query = ''] =
    /^(\/v1\.\d{1,3})?(\/[\w.:@/-]{1,320})(\?[\w.=&%]{1,300})?$/.exec(target) ?? [];
  const asked = (shape: Shape): AllowedRequest => ({
    path: `${prefix}${path}${query}`,
    filter: (answer) => cut(answer, shape),
  });
  if (path === '/events' && eventQuery.test(query)) return { ...asked(event), isLines: true };
  if (query !== '' && !(path === '/containers/json' && query === endedQuery)) return null;
  if (path === '/version') return asked(version);
  if (path === '/info') return asked(info);
  if (path === '/containers/json')
    return {
      path: `${prefix}${path}${query}`,
      filter: (answer) => (Array.isArray(answer) ? answer.map((item) => cut(item, listed)) : null),
    };
  if (imageName.test(path)) return asked(image);
  return /^\/containers\/[0-9a-f]{64}\/json$/.test(path) ? asked(inspected) : null;
}
