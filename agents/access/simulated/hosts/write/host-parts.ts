import type { ContainerSpec, GpuSpec, ProcessSpec } from './specs.ts';

export const gpus = (
  model: GpuSpec['model'],
  buses: readonly string[],
  busy: readonly number[] = buses.map(() => 0),
): GpuSpec[] =>
  buses.map((bus, index) => {
    const utilizationPercent = busy[index] ?? 0;
    const { idle, limit } = model.watts;
    return {
      model,
      bus,
      utilizationPercent,
      celsius: 29 + (index % 4) + Math.round(utilizationPercent * 0.38),
      watts: idle + ((limit * 0.9 - idle) * utilizationPercent) / 100,
      otherMemoryMiB: model.display ? 14 : 4,
    };
  });

export const cudaImage = (version: string): string => {
  const [major, minor] = version.split('.');
  const older = ['brand=tesla,driver>=470,driver<471'];
  for (const brand of ['unknown', 'tesla', 'nvidia']) older.push(`brand=${brand},driver>=535,driver<536`);
  return [`cuda>=${major}.${minor}`, ...older].join(' ');
};

export const container = (
  name: string,
  image: string,
  cudaVersion: string,
  rest: Partial<ContainerSpec> = {},
): ContainerSpec => ({
  name,
  image,
  cudaVersion,
  requireCuda: cudaImage(cudaVersion),
  visibleDevices: 'all',
  labels: { maintainer: 'NVIDIA CORPORATION <cudatools@nvidia.com>' },
  startedAt: '2026-11-07T08:12:44.105312901Z',
  command: ['python3', 'main.py'],
  ...rest,
});

/** The label by which an agent knows whose a container is. */
export const ownedBy = (person: string): ContainerSpec['labels'] => ({ 'gpufleet.owner': person });

export const inContainer = (
  name: string,
  pid: number,
  onGpus: readonly number[],
  memoryMiB: number,
  rest: Partial<ProcessSpec> = {},
): ProcessSpec => ({
  pid,
  gpus: onGpus,
  name: '/usr/bin/python3',
  type: 'C',
  memoryMiB,
  owner: { container: name },
  ...rest,
});

export const loginSession = '0::/user.slice/user-1000.slice/session-4.scope';
export const slurmJob = '0::/system.slice/slurmstepd.scope/job_48213/step_0/user/task_0';
export const ubuntu = { osName: 'Ubuntu 24.04.3 LTS', osId: 'ubuntu' } as const;
export const ubuntu22 = { osName: 'Ubuntu 22.04.5 LTS', osId: 'ubuntu' } as const;
export const debian = { osName: 'Debian GNU/Linux 12 (bookworm)', osId: 'debian' } as const;
export const rocky = { osName: 'Rocky Linux 9.6 (Blue Onyx)', osId: 'rocky' } as const;
