import {
  type AskedGrant,
  type Container,
  type ContainerStart,
  longestLabelKey,
  mostLabels,
  type Problem,
} from '../model/index.ts';
import { askedOfEngine } from './granted.ts';
import { type JsonObject, jsonObject } from './json.ts';

/** One container of Docker's Engine API, without what it uses of GPUs: that comes from its processes. */
export interface DockerContainer {
  /** Null when the value is no container; `problems` says why. */
  readonly container: Omit<Container, 'gpus'> | null;
  readonly problems: readonly Problem[];
  /** Null: no GPU was asked for. */
  readonly asked: AskedGrant | null;
  readonly start: Omit<ContainerStart, 'command'> | null;
  /** Its program and arguments, as they are: to be masked. Empty when not told. */
  readonly args: readonly string[];
  /** Of its first process, in the numbering of the engine; null when it does not run. */
  readonly pid: number | null;
  /** Folders of the host that it was given. */
  readonly mountSources: readonly string[];
}

const nothing = { asked: null, start: null, args: [], pid: null, mountSources: [] } as const;

const containerId = /^[0-9a-f]{64}$/;
const longestValue = 4096;
const longestName = 1024;
const longestWord = 256;
/** Of one container's labels together, in characters: they travel in every report. */
const longestLabels = 32_768;
/** Docker's "never" is the year 1. */
const never = /^000[01]-/;

/** Reads one value of `GET /containers/ID/json` or one of `docker inspect`'s list. Never throws. */
export function parseDockerContainer(value: unknown): DockerContainer {
  const inspect = jsonObject(value);
  const id = inspect?.text('Id') ?? null;
  if (inspect === null || id === null || !containerId.test(id)) {
    // Not String(value): an object that came as JSON may have a toString that is no function.
    const text = (id ?? JSON.stringify(value) ?? 'nothing').slice(0, 200);
    return {
      ...nothing,
      container: null,
      problems: [{ field: 'docker:/Id', text, message: 'is no container id' }],
    };
  }
  const config = inspect.object('Config');
  const state = inspect.object('State');
  const environment = config?.texts('Env') ?? [];
  const startedAt = state?.text('StartedAt') ?? null;
  const problems: Problem[] = [];
  const labels = labelsOf(config, problems);
  const isTime = startedAt === null || (startedAt.length <= 64 && !Number.isNaN(Date.parse(startedAt)));
  const cut = (field: string, text: string | null | undefined, longest: number): string | null => {
    if (text == null || text.length <= longest) return text ?? null;
    problems.push(tooLong(`docker:/${field}`, text, longest));
    return text.slice(0, longest);
  };
  if (!isTime)
    problems.push({ field: 'docker:/State/StartedAt', text: startedAt.slice(0, 200), message: 'is no time' });
  return {
    container: {
      id,
      name: cut('Name', inspect.text('Name')?.replace(/^\//, ''), longestName),
      // Podman's own form says the name beside the id.
      image: cut('Config/Image', config?.text('Image') ?? inspect.text('ImageName'), longestName),
      imageId: cut('Image', inspect.text('Image'), longestWord),
      runtime: 'docker',
      state: cut('State/Status', state?.text('Status'), longestWord),
      startedAt: startedAt === null || !isTime || never.test(startedAt) ? null : startedAt,
      labels,
      cudaVersion: variable(environment, 'CUDA_VERSION'),
      visibleDevices: variable(environment, 'NVIDIA_VISIBLE_DEVICES'),
      requireCuda: variable(environment, 'NVIDIA_REQUIRE_CUDA'),
      namespace: own(labels, 'io.kubernetes.pod.namespace'),
      pod: own(labels, 'io.kubernetes.pod.name'),
    },
    problems,
    asked: askedOfEngine(inspect),
    start: startOf(inspect, labels),
    args: [inspect.text('Path') ?? '', ...inspect.texts('Args')].filter((arg, at) => at > 0 || arg !== ''),
    pid: pidOf(value),
    mountSources: mountsOf(inspect),
  };
}

function pidOf(inspect: unknown): number | null {
  const state = (inspect as { readonly State?: { readonly Pid?: unknown } | null }).State;
  const pid = state?.Pid;
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

const mostMounts = 1000;

/** `Mounts` of an inspect document, or `Binds` of how it was started. */
function mountsOf(inspect: JsonObject): string[] {
  const listed: unknown = new Map(inspect.entries()).get('Mounts');
  const sources = (Array.isArray(listed) ? listed : []).slice(0, mostMounts).flatMap((mount: unknown) => {
    const source = jsonObject(mount)?.text('Source') ?? null;
    return source === null ? [] : [source];
  });
  const binds = inspect.object('HostConfig')?.texts('Binds') ?? [];
  return [...sources, ...binds.slice(0, mostMounts).map((bind) => bind.split(':', 1)[0] ?? '')];
}

function startOf(inspect: JsonObject, labels: Readonly<Record<string, string>>): DockerContainer['start'] {
  const host = inspect.object('HostConfig');
  const cut = (text: string | null | undefined): string | null => text?.slice(0, longestWord) ?? null;
  const createdAt = inspect.text('Created');
  const isPrivileged: unknown = new Map(host?.entries() ?? []).get('Privileged');
  return {
    createdAt: createdAt !== null && isTimeOnTheWire(createdAt) ? createdAt : null,
    restartPolicy: cut(host?.object('RestartPolicy')?.text('Name')),
    ociRuntime: cut(host?.text('Runtime') ?? inspect.text('OCIRuntime')),
    isPrivileged: typeof isPrivileged === 'boolean' ? isPrivileged : null,
    user: cut(inspect.object('Config')?.text('User')),
    composeProject: cut(own(labels, 'com.docker.compose.project')),
    composeService: cut(own(labels, 'com.docker.compose.service')),
  };
}

const isTimeOnTheWire = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !never.test(text);

const tooLong = (field: string, text: string, longest: number): Problem => ({
  field,
  text: text.slice(0, 200),
  message: `is longer than ${longest} characters`,
});

/** As many as a report takes; the others are left out and said. */
function labelsOf(config: JsonObject | null, problems: Problem[]): Record<string, string> {
  const field = 'docker:/Config/Labels';
  const labels: [string, string][] = [];
  let characters = 0;
  let leftOut = 0;
  for (const [key, value] of config?.object('Labels')?.entries() ?? []) {
    if (typeof value !== 'string') continue;
    const text = value.slice(0, longestValue);
    if (key.length > longestLabelKey) problems.push(tooLong(field, key, longestLabelKey));
    else if (labels.length >= mostLabels || characters + key.length + text.length > longestLabels)
      leftOut += 1;
    else {
      labels.push([key, text]);
      characters += key.length + text.length;
    }
  }
  if (leftOut > 0)
    problems.push({ field, text: `${leftOut} labels`, message: 'are more than a report takes' });
  return Object.fromEntries(labels);
}

function own(labels: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}

/** Of an environment variable that is set twice the last counts, as it does for the process. */
function variable(environment: readonly string[], name: string): string | null {
  const set = environment.findLast((item) => item.startsWith(`${name}=`));
  return set === undefined ? null : set.slice(name.length + 1, name.length + 1 + longestValue);
}
