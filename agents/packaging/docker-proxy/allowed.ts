/** What of an answer is passed on: true is the whole value, an object just those keys, a function what it makes of it. */
type Shape = true | ((value: unknown) => unknown) | { readonly [key: string]: Shape };

/** Variables of a container that say which GPUs and which CUDA it wants; the others may be secrets. */
const variables = /^(CUDA_VERSION|NVIDIA_[A-Z_]+)=/;

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

const listed: Shape = { Id: true, State: true };

const inspected: Shape = {
  Id: true,
  Name: true,
  Image: true,
  State: { Status: true, StartedAt: true },
  Config: { Image: true, Labels: true, Env: environment },
  HostConfig: { Runtime: true, DeviceRequests: true },
};

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

export interface AllowedRequest {
  /** As it is asked of Docker: never the text that was sent. */
  readonly path: string;
  /** What of Docker's answer is passed on. */
  filter(answer: unknown): unknown;
}

/** The whole list of what may be asked; null for anything else. A version before the path is taken and passed on. */
export function allowedRequest(method: string, target: string): AllowedRequest | null {
  if (method !== 'GET') return null;
  const [, prefix = '', path = ''] = /^(\/v1\.\d{1,3})?(\/[a-z0-9/]{1,100})$/.exec(target) ?? [];
  const asked = (shape: Shape): AllowedRequest => ({
    path: `${prefix}${path}`,
    filter: (answer) => cut(answer, shape),
  });
  if (path === '/version') return asked(version);
  if (path === '/info') return asked(info);
  if (path === '/containers/json')
    return {
      path: `${prefix}${path}`,
      filter: (answer) => (Array.isArray(answer) ? answer.map((item) => cut(item, listed)) : null),
    };
  return /^\/containers\/[0-9a-f]{64}\/json$/.test(path) ? asked(inspected) : null;
}
