import type { Container, Problem } from '../model/index.ts';
import { type JsonObject, jsonObject } from './json.ts';

/** One container of Docker's Engine API, without what it uses of GPUs: that comes from its processes. */
export interface DockerContainer {
  /** Null when the value is no container; `problems` says why. */
  readonly container: Omit<Container, 'gpus'> | null;
  readonly problems: readonly Problem[];
}

const containerId = /^[0-9a-f]{64}$/;
const longestValue = 4096;
/** Docker's "never" is the year 1. */
const never = /^000[01]-/;

/** Reads one value of `GET /containers/ID/json` or one of `docker inspect`'s list. Never throws. */
export function parseDockerContainer(value: unknown): DockerContainer {
  const inspect = jsonObject(value);
  const id = inspect?.text('Id') ?? null;
  if (inspect === null || id === null || !containerId.test(id)) {
    const text = id ?? String(value).slice(0, 200);
    return {
      container: null,
      problems: [{ field: 'docker:/Id', text: text.slice(0, 200), message: 'is no container id' }],
    };
  }
  const config = inspect.object('Config');
  const state = inspect.object('State');
  const labels = labelsOf(config);
  const environment = config?.texts('Env') ?? [];
  const startedAt = state?.text('StartedAt') ?? null;
  const problems: Problem[] = [];
  const isTime = startedAt === null || !Number.isNaN(Date.parse(startedAt));
  if (!isTime)
    problems.push({ field: 'docker:/State/StartedAt', text: startedAt.slice(0, 200), message: 'is no time' });
  return {
    container: {
      id,
      name: inspect.text('Name')?.replace(/^\//, '') ?? null,
      image: config?.text('Image') ?? null,
      imageId: inspect.text('Image'),
      runtime: 'docker',
      state: state?.text('Status') ?? null,
      startedAt: startedAt === null || !isTime || never.test(startedAt) ? null : startedAt,
      labels,
      cudaVersion: variable(environment, 'CUDA_VERSION'),
      visibleDevices: variable(environment, 'NVIDIA_VISIBLE_DEVICES'),
      requireCuda: variable(environment, 'NVIDIA_REQUIRE_CUDA'),
      namespace: own(labels, 'io.kubernetes.pod.namespace'),
      pod: own(labels, 'io.kubernetes.pod.name'),
    },
    problems,
  };
}

function labelsOf(config: JsonObject | null): Record<string, string> {
  const entries = config?.object('Labels')?.entries() ?? [];
  return Object.fromEntries(
    entries
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([key, text]) => [key, text.slice(0, longestValue)]),
  );
}

function own(labels: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}

/** Of an environment variable that is set twice the last counts, as it does for the process. */
function variable(environment: readonly string[], name: string): string | null {
  const set = environment.findLast((item) => item.startsWith(`${name}=`));
  return set === undefined ? null : set.slice(name.length + 1, name.length + 1 + longestValue);
}
