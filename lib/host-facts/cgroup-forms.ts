import type { ProcessOwner } from '../model/index.ts';

type Runtime = NonNullable<ProcessOwner['runtime']>;

/** A path segment that names a container, by the runtime that writes it so. Monitors (conmon) are no containers. */
export interface ContainerForm {
  readonly runtime: Runtime;
  readonly pattern: RegExp;
  /** Where the segment itself does not tell: what must stand right before it. */
  readonly parent?: RegExp;
}

export const containerForms: readonly ContainerForm[] = [
  { runtime: 'docker', pattern: /^docker-([0-9a-f]{64})(?:\.scope)?$/ },
  { runtime: 'podman', pattern: /^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/ },
  { runtime: 'containerd', pattern: /^(?:cri-containerd|nerdctl|containerd)-([0-9a-f]{64})(?:\.scope)?$/ },
  { runtime: 'containerd', pattern: /:cri-containerd:([0-9a-f]{64})$/ },
  { runtime: 'crio', pattern: /^crio-([0-9a-f]{64})(?:\.scope)?$/ },
  { runtime: 'docker', pattern: /^([0-9a-f]{64})$/, parent: /^docker$/ },
  { runtime: 'podman', pattern: /^([0-9a-f]{64})$/, parent: /^libpod_parent$/ },
  { runtime: 'kubernetes', pattern: /^([0-9a-f]{64})$/, parent: /^pod[0-9a-f_-]{32,36}$/ },
  { runtime: 'docker', pattern: /^([0-9a-f]{64})$/, parent: /^[0-9a-f]{32}$/ },
  { runtime: 'unknown', pattern: /^([0-9a-f]{32}-\d{6,12})$/, parent: /^[0-9a-f]{32}$/ },
  { runtime: 'containerd', pattern: /^([0-9a-f]{64})$/, parent: /^(?:default|k8s\.io|moby|buildkit)$/ },
  // `ctr run` takes any name.
  { runtime: 'containerd', pattern: /^([A-Za-z0-9][\w.-]{0,75})$/, parent: /^k8s\.io$/ },
  { runtime: 'lxc', pattern: /^lxc\.payload\.([^/]{1,255})$/ },
  { runtime: 'lxc', pattern: /^([^/]{1,255})$/, parent: /^lxc(?:\.payload)?$/ },
  { runtime: 'unknown', pattern: /^([0-9a-f]{64})$/ },
];

/** A pod's segment: systemd writes the uid with underscores, a static pod's is a hash. */
export const podForm =
  /(?:^|-)pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice|$)/;

export const slurmRoot = /^(?:slurm(?:_[^/]+)?|(?:[^/]+_)?slurmstepd\.scope)$/;
export const slurmJob = /^job_(\d{1,12})$/;

/** Whose job or login it is, by user id: `uid_1000` of Slurm under cgroup v1, `user-1000.slice` of a login. */
export const slurmUser = /^uid_(\d{1,10})$/;
export const loginUser = /^user-(\d{1,10})\.slice$/;

/** systemd's own units that hold others and own nothing. */
export const holdingUnit = /^(?:user@\d+\.service|init\.scope)$/;
export const systemdUnit = /^[^/]+\.(?:service|scope)$/;
export const userSlice = /^user(?:-\d+)?\.slice$/;
/** Of rootless podman without cgroups: all that is left is its own scope. */
export const podmanScope = /^podman-\d+\.scope$/;
