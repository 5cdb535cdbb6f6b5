import type { ContainerView } from './fleet.ts';
import type { Owner, Person } from './owner.ts';

/** What one owner uses of one GPU, short. */
export interface OwnerRowGpu {
  readonly uuid: string;
  readonly index: number | null;
  readonly gpuInstanceId: number | null;
}

/**
 * Whoever uses a GPU, of every kind alike: one line of the Containers page. Numbers are sums over its GPUs; null when the
 * driver tells none.
 */
export interface OwnerRow {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  /** A container's id, or the owner's key within its host. */
  readonly key: string;
  /** A container's engine as its cgroup tells it (`docker`, `containerd`), or the kind of another owner. */
  readonly runtime: string;
  readonly isContainer: boolean;
  readonly name: string | null;
  /** Why it has no better name; null when it has one, or nothing told why. */
  readonly nameProblem: string | null;
  readonly image: string | null;
  readonly cudaVersion: string | null;
  /** Newest CUDA that the host's driver supports. */
  readonly hostCudaVersion: string | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly person: Person | null;
  readonly state: string | null;
  readonly startedAt: string | null;
  /** True while the numbers may be shown as now. */
  readonly current: boolean;
  readonly gpus: readonly OwnerRowGpu[];
  readonly usedMemoryBytes: number | null;
  readonly smRatio: number | null;
  /** GPUs that it was given; null: not told, or no container. */
  readonly grantedGpus: number | null;
  /** It was given a GPU on which none of its processes is. */
  readonly isGrantedIdle: boolean;
}

/** An owner that history knows, whether it is still there or ended. Times are ISO 8601, to the hour. */
export interface OwnerPast {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly key: string;
  readonly runtime: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly cudaVersion: string | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly person: Person | null;
  readonly startedAt: string | null;
  readonly gpus: readonly { readonly gpuUuid: string; readonly from: string; readonly to: string }[];
}

/** One owner: what of it is live, and what history has. GET /api/v1/hosts/{id}/owner and the Container page. */
export interface OwnerDetail {
  readonly serverTime: string;
  /** Null: it is no container, or ended. */
  readonly container: ContainerView | null;
  /** Null: it is a container, or ended. */
  readonly owner: Owner | null;
  /** Null: nothing of it is kept yet. */
  readonly past: OwnerPast | null;
}

/** Stands for "not told" in a filter: no image, person or namespace is called so. */
export const notTold = '(none)';
