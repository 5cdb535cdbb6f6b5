import type { ContainerExit, ContainerStackFacts } from './container-cuda.ts';
import type { ContainerGrant, DeviceAccess } from './grant.ts';
import type { GpuUse, Person } from './owner.ts';

/** What one container uses of one GPU. Never a copy of the whole GPU's number. */
export type ContainerGpuUse = GpuUse;

/** How a container was started, as its engine tells. */
export interface ContainerStart {
  readonly createdAt: string | null;
  /** Entrypoint and arguments, secrets masked, cut; null when not told or not wanted. */
  readonly command: string | null;
  /** As set: `always`, `no` …. */
  readonly restartPolicy: string | null;
  /** The OCI runtime: `runc`, `nvidia`. */
  readonly ociRuntime: string | null;
  readonly isPrivileged: boolean | null;
  /** As set, `uid:gid` or a name; null is root. */
  readonly user: string | null;
  readonly composeProject: string | null;
  readonly composeService: string | null;
}

export interface Container extends ContainerStackFacts {
  /** 64 hex digits. */
  readonly id: string;
  /** null: no engine could be asked; `nameProblem` says why. */
  readonly name: string | null;
  readonly image: string | null;
  readonly imageId: string | null;
  readonly runtime: string;
  readonly state: string | null;
  readonly startedAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** `CUDA_VERSION` of its environment, set by NVIDIA's images. */
  readonly cudaVersion: string | null;
  /** `NVIDIA_VISIBLE_DEVICES` and `NVIDIA_REQUIRE_CUDA`, as set; null when not set or not readable. */
  readonly visibleDevices: string | null;
  readonly requireCuda: string | null;
  /** From labels, the kubelet or the CRI; Kubernetes only. */
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly gpus: readonly ContainerGpuUse[];
  /** In words, why it has no name; null when it has one. This and all below: older agents leave them out. */
  readonly nameProblem?: string | null | undefined;
  readonly podUid?: string | null | undefined;
  readonly slurmJobId?: string | null | undefined;
  /** Of its processes on a GPU, where they agree. */
  readonly uid?: number | null | undefined;
  readonly person?: Person | undefined;
  /** Null: it was given no GPU, as far as its engine tells. */
  readonly grant?: ContainerGrant | null | undefined;
  /** Null: it was given no GPU, or it was not looked at. */
  readonly deviceAccess?: DeviceAccess | null | undefined;
  readonly start?: ContainerStart | null | undefined;
}

/** One that was to have a GPU and did not start, or ended badly within a minute; told for a day. */
export interface FailedContainer extends Omit<Container, 'gpus'> {
  readonly exit: ContainerExit;
}
