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
  0;

function inspect(host: HostSpec, container: ContainerSpec): unknown {
  const id = containerId(host, container.name);
  const [path = '', ...args] = container.command;
  return {
    Id: id,
    Created: container.startedAt,
    Path: path,
    Args: args,
    State: {
      Status: 'running',
      Running: true,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: firstPid(host, container.name),
      ExitCode: 0,
      Error: '',
      StartedAt: container.startedAt,
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Image: `sha256:${sha256(container.image)}`,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    HostConfig: {
      Runtime: 'nvidia',
      NetworkMode: 'host',
      Privileged: false,
      DeviceRequests: [{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }],
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
  Created: Math.floor(Date.parse(container.startedAt) / 1000),
  Ports: [],
  Labels: container.labels,
  State: 'running',
  Status: 'Up 2 days',
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
    '/containers/json': host.containers.map((container) => listed(host, container)),
    ...Object.fromEntries(
      host.containers.map((container) => [
        `/containers/${containerId(host, container.name)}/json`,
        inspect(host, container),
      ]),
    ),
  };
}
