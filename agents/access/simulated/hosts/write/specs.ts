import type { GpuModel } from './models.ts';

export interface MigSpec {
  readonly gpuInstanceId: number;
  readonly profile: string;
  readonly multiprocessors: number;
  readonly memoryMiB: number;
}

export interface GpuSpec {
  readonly model: GpuModel;
  /** Bus of the PCI address, two hex digits. */
  readonly bus: string;
  /** Its device, `00` unless told. */
  readonly device?: string;
  readonly celsius: number;
  readonly utilizationPercent: number;
  readonly watts: number;
  /** Used by nobody that is listed: the driver's own, or processes of others. */
  readonly otherMemoryMiB: number;
  readonly mig?: readonly MigSpec[];
}

export interface ProcessSpec {
  readonly pid: number;
  readonly gpus: readonly number[];
  readonly name: string;
  readonly type: 'C' | 'G';
  readonly memoryMiB: number;
  readonly gpuInstanceId?: number;
  /** Name of a container of this host, or the whole cgroup line of a process outside of one. */
  readonly owner: { readonly container: string } | { readonly cgroup: string };
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly cudaVersion: string | null;
  readonly requireCuda: string | null;
  readonly visibleDevices: string;
  readonly labels: Readonly<Record<string, string>>;
  /** GPUs that it was started with, where they are more than those that its processes use. */
  readonly grantedGpus?: readonly number[];
  readonly startedAt: string;
  readonly command: readonly string[];
  /** What its GPU processes have mapped: the whole version of libcudart, and the driver of a compat package in use. */
  readonly mapped?: { readonly cudart: string; readonly compatDriver?: string };
  /** It runs no more: how it ended, and how long before it is looked at. */
  readonly ended?: {
    readonly secondsAgo: number;
    /** Null: it never started. */
    readonly ranSeconds: number | null;
    readonly exitCode: number;
    readonly error: string;
  };
}

/** A recorded host as data; the writer makes the folder of it. */
export interface HostSpec {
  readonly name: string;
  readonly description: string;
  readonly hostname: string;
  readonly driverVersion: string;
  readonly cudaVersion: string;
  readonly openModule: boolean;
  readonly architecture: 'x86_64' | 'aarch64';
  readonly osName: string;
  readonly osId: string;
  readonly kernel: string;
  readonly toolkitVersion: string | null;
  readonly dockerVersion: string | null;
  /** Unix seconds. */
  readonly bootedAt: number;
  readonly persistence: boolean;
  readonly gpus: readonly GpuSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly processes: readonly ProcessSpec[];
}

/** The driver branch: 580 of 580.159.03. */
export const branchOf = (host: HostSpec): number => Number.parseInt(host.driverVersion, 10);
