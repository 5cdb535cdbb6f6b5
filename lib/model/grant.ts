/**
 * How a container was given its GPUs: a device request of the engine, a CDI device name, `NVIDIA_VISIBLE_DEVICES`,
 * device nodes, or the kubelet.
 */
export const grantWays = ['device-request', 'cdi', 'environment', 'device-nodes', 'kubernetes'] as const;
export type GrantWay = (typeof grantWays)[number];

/** What a container was given, as told by whoever started it. */
export interface ContainerGrant {
  readonly by: GrantWay;
  /** Every GPU of the host. */
  readonly all: boolean;
  /** So many, without a name; null when they are named or all are meant. */
  readonly count: number | null;
  /** As written: `0`, `GPU-…`, `0:1`, `nvidia.com/gpu=0`, `/dev/nvidia0`. */
  readonly devices: readonly string[];
  /** GPUs of this host that these are; with `count` those of the first indexes. Older agents leave those out. */
  readonly gpuUuids: readonly string[];
  /** MIG instances among them, with their GPU. */
  readonly instances: readonly {
    readonly gpuUuid: string;
    readonly gpuInstanceId: number;
    readonly computeInstanceId: number | null;
  }[];
  /** Of `devices`, those that fit no GPU that the host has now. */
  readonly unresolved: readonly string[];
}

/** The same by the words in which it was asked for, before a host's GPUs are looked at. */
export type AskedGrant = Pick<ContainerGrant, 'by' | 'all' | 'count' | 'devices'>;

/** Whether the container's device cgroup still lets it open its GPUs. */
export interface DeviceAccess {
  readonly state: 'allowed' | 'denied' | 'unknown';
  /** What it was read from: a cgroup v1 `devices.list`, or the systemd unit of its scope. */
  readonly from: 'cgroup-v1' | 'systemd' | null;
  /** Device nodes that it was given and may not open. */
  readonly missing: readonly string[];
  /** Why it cannot be known, in words; null otherwise. */
  readonly reason: string | null;
}

export const grantFindingKinds = [
  'granted-idle',
  'used-not-granted',
  'granted-twice',
  'granted-lost-gpu',
  'device-access-lost',
] as const;
export type GrantFindingKind = (typeof grantFindingKinds)[number];

/** Something about what containers were given and what they use. */
export interface GrantFinding {
  readonly kind: GrantFindingKind;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly containerId: string;
  /** Containers that share it, for `granted-twice`. */
  readonly otherContainerIds: readonly string[];
  /** Null: of no particular GPU. */
  readonly gpuUuid: string | null;
  /** One sentence: what is so. */
  readonly text: string;
  /** What mends it; null where nothing is broken. */
  readonly fix: string | null;
}
