import { createHash } from 'node:crypto';
import type { ContainerSpec, HostSpec } from './specs.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** 64 hex digits, the same at every writing. */
export const containerId = (host: HostSpec, name: string): string => sha256(`${host.name} container ${name}`);

const environmentOf = (container: ContainerSpec): string[] => [
  'PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'NVARCH=x86_64',
  ...(container.requireCuda === null ? [] : [`NVIDIA_REQUIRE_CUDA=${container.requireCuda}`]),
  ...(container.cudaVersion === null ? [] : [`CUDA_VERSION=${container.cudaVersion}`]),
  `NVIDIA_VISIBLE_DEVICES=${container.visibleDevices}`,
  'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
];

const firstPid = (host: HostSpec, name: string): number =>
  host.processes.find((process) => 'container' in process.owner && process.owner.container === name)?.pid ??
  40_417;

/** GPUs as `--gpus device=…` names them: of a MIG instance `GPU:INSTANCE`. */
function grantedDevices(host: HostSpec, { name, grantedGpus }: ContainerSpec): readonly string[] {
  const own = host.processes.filter(({ owner }) => 'container' in owner && owner.container === name);
  const used = own.flatMap(({ gpus, gpuInstanceId }) =>
    gpus.map((gpu) => {
      const mig = host.gpus[gpu]?.mig ?? [];
      const instance = mig.findIndex((each) => each.gpuInstanceId === gpuInstanceId);
      return instance === -1 ? String(gpu) : `${gpu}:${instance}`;
    }),
  );
  return [...new Set([...used, ...(grantedGpus ?? []).map(String)])].sort();
}

/** A time that many seconds before the answer is played, see host/engine-socket.ts. */
const ago = (seconds: number): string => `@-${seconds}s`;

const never = '0001-01-01T00:00:00Z';

function stateOf(host: HostSpec, { name, startedAt, ended }: ContainerSpec): unknown {
  const state = { Paused: false, Restarting: false, OOMKilled: false, Dead: false };
  if (ended === undefined)
    return {
      Status: 'running',
      Running: true,
      ...state,
      Pid: firstPid(host, name),
      ExitCode: 0,
      Error: '',
      StartedAt: startedAt,
      FinishedAt: never,
    };
  const { secondsAgo, ranSeconds, exitCode, error } = ended;
  return {
    Status: ranSeconds === null ? 'created' : 'exited',
    Running: false,
    ...state,
    Pid: 0,
    ExitCode: exitCode,
    Error: error,
    StartedAt: ranSeconds === null ? never : ago(secondsAgo + ranSeconds),
    FinishedAt: ranSeconds === null ? never : ago(secondsAgo),
  };
}

function inspect(host: HostSpec, container: ContainerSpec): unknown {
  const id = containerId(host, container.name);
  const [path = '', ...args] = container.command;
  return {
    Id: id,
    Created: container.ended === undefined ? container.startedAt : ago(container.ended.secondsAgo),
    Path: path,
    Args: args,
    State: stateOf(host, container),
    Image: `sha256:${sha256(container.image)}`,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: {
      Runtime: 'nvidia',
      NetworkMode: 'host',
      Privileged: false,
      DeviceRequests: [
        {
          Driver: '',
          Count: 0,
          DeviceIDs: grantedDevices(host, container),
          Capabilities: [['gpu']],
          Options: {},
        },
      ],
    },
    Config: {
      Hostname: id.slice(0, 12),
      Env: environmentOf(container),
      Cmd: container.command,
      Image: container.image,
      Labels: container.labels,
    },
    Mounts: [],
    NetworkSettings: { Networks: {} },
  };
}

const listed = (host: HostSpec, container: ContainerSpec): unknown => ({
  Id: containerId(host, container.name),
  Names: [`/${container.name}`],
  Image: container.image,
  ImageID: `sha256:${sha256(container.image)}`,
  Command: container.command.join(' '),
  // Of one that never started the time does not matter here: its own document tells it.
  Created: container.ended === undefined ? Math.floor(Date.parse(container.startedAt) / 1000) : 4_000_000_000,
  Ports: [],
  Labels: container.labels,
  State:
    container.ended === undefined ? 'running' : container.ended.ranSeconds === null ? 'created' : 'exited',
  Status:
    container.ended === undefined
      ? 'Up 2 days'
      : container.ended.ranSeconds === null
        ? 'Created'
        : `Exited (${container.ended.exitCode}) ${Math.round(container.ended.secondsAgo / 60)} minutes ago`,
  HostConfig: { NetworkMode: 'host' },
  Mounts: [],
});

const version = (host: HostSpec): unknown => ({
  Platform: { Name: 'Docker Engine - Community' },
  Version: host.dockerVersion,
  ApiVersion: '1.47',
  MinAPIVersion: '1.24',
  Os: 'linux',
  Arch: host.architecture === 'x86_64' ? 'amd64' : 'arm64',
  KernelVersion: host.kernel,
});

/** Path of the Engine API to its answer; none where the host has no Docker. */
export function dockerAnswers(host: HostSpec): Readonly<Record<string, unknown>> {
  if (host.dockerVersion === null) return {};
  return {
    '/version': version(host),
    '/containers/json': host.containers
      .filter(({ ended }) => ended === undefined)
      .map((container) => listed(host, container)),
    ...(host.containers.some(({ ended }) => ended !== undefined)
      ? {
          '/containers/json?all=1': host.containers
            .filter(({ ended }) => ended !== undefined)
            .map((container) => listed(host, container)),
        }
      : {}),
    ...Object.fromEntries(
      host.containers.map((container) => [
        `/containers/${containerId(host, container.name)}/json`,
        inspect(host, container),
      ]),
    ),
  };
}
