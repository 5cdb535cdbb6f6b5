import type { Problem } from '../model/index.ts';
import { jsonObject } from './json.ts';

export interface ConfiguredRuntime {
  readonly name: string;
  /** Null when the runtime is named by a containerd shim instead. */
  readonly path: string | null;
}

/** What /etc/docker/daemon.json sets of how containers get their GPUs; null is "not set here". */
export interface DockerDaemonConfig {
  readonly defaultRuntime: string | null;
  readonly runtimes: readonly ConfiguredRuntime[];
  /** `features.cdi`: null leaves Docker's own default, which is off before 28.3. */
  readonly cdiEnabled: boolean | null;
  readonly cdiSpecDirectories: readonly string[];
  /** `native.cgroupdriver` of exec-opts. */
  readonly cgroupDriver: string | null;
  readonly liveRestore: boolean | null;
  readonly problems: readonly Problem[];
}

const most = 256;
const longest = 4096;
/** Any of these makes a JSON object a daemon.json, where no other form claims it. */
const own = [
  'runtimes',
  'default-runtime',
  'exec-opts',
  'cdi-spec-dirs',
  'data-root',
  'log-driver',
  'storage-driver',
];

/** Whether a JSON value is such a configuration: it has one of Docker's own keys. */
export function isDockerDaemonConfig(value: unknown): boolean {
  const config = jsonObject(value);
  return config !== null && own.some((key) => config.has(key));
}

/** Reads the value of a daemon.json. Never throws; what is of a wrong kind is a problem. */
export function parseDockerDaemonConfig(value: unknown): DockerDaemonConfig {
  const problems: Problem[] = [];
  const config = jsonObject(value);
  const runtimes = config?.object('runtimes')?.entries() ?? [];
  if (config === null)
    problems.push({ field: 'daemon.json:', text: typeof value, message: 'is no JSON object' });
  else if (config.has('runtimes') && config.object('runtimes') === null)
    problems.push({ field: 'daemon.json:/runtimes', text: '', message: 'is no map of runtimes' });
  const flag = (holder: ReturnType<typeof jsonObject>, key: string): boolean | null => {
    const set = holder?.entries().find(([name]) => name === key)?.[1];
    return typeof set === 'boolean' ? set : null;
  };
  const driver = config?.texts('exec-opts').findLast((option) => option.startsWith('native.cgroupdriver='));
  return {
    defaultRuntime: config?.text('default-runtime')?.slice(0, longest) ?? null,
    runtimes: runtimes.slice(0, most).map(([name, each]) => ({
      name: name.slice(0, longest),
      path: jsonObject(each)?.text('path')?.slice(0, longest) ?? null,
    })),
    cdiEnabled: flag(config?.object('features') ?? null, 'cdi'),
    cdiSpecDirectories: (config?.texts('cdi-spec-dirs') ?? []).slice(0, most),
    cgroupDriver: driver?.slice('native.cgroupdriver='.length, longest) ?? null,
    liveRestore: flag(config, 'live-restore'),
    problems,
  };
}
