/** What told who someone is, surest first; the last three are guesses or nothing. */
export const personSources = [
  'label',
  'slurm',
  'pod',
  'uid',
  'compose-project',
  'home-mount',
  'unknown',
] as const;
export type PersonSource = (typeof personSources)[number];

/** Whom a container, job or process belongs to. */
export interface Person {
  /** Null: nobody knows. Root inside a container is nobody, not "root". */
  readonly name: string | null;
  readonly from: PersonSource;
  /** True: from a project or a folder that only suggests it. */
  readonly isInferred: boolean;
}

/** What one owner uses of one GPU, or of one of its MIG instances. Never a copy of the whole GPU's number. */
export interface GpuUse {
  readonly gpuUuid: string;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
  /** Sum over its processes; null when the driver tells it for none of them. */
  readonly usedMemoryBytes: number | null;
  /** Sum of its processes' SM share as pmon prints it, 0 to 1 each; null when not told. Never rescaled. */
  readonly smRatio: number | null;
  readonly pids: readonly number[];
  /** As smRatio: share of time in which memory, encoder and decoder were in use. Older agents leave these out. */
  readonly memoryRatio?: number | null | undefined;
  readonly encoderRatio?: number | null | undefined;
  readonly decoderRatio?: number | null | undefined;
  /** When memory and pids were read, host clock, ISO 8601; null when never. Older agents leave it out. */
  readonly sampledAt?: string | null | undefined;
  /** When the shares were read; null when they are not told. Older agents leave it out. */
  readonly sharesSampledAt?: string | null | undefined;
}

/**
 * Who uses a GPU without being a container that is listed: `pod` (no container known), `slurm`, `unit` (of systemd),
 * `user` (a login), `process` (nothing else is known).
 */
export const ownerKinds = ['pod', 'slurm', 'unit', 'user', 'process'] as const;
export type OwnerKind = (typeof ownerKinds)[number];

export interface Owner {
  /** Stays while it lives, and is one within its host: `pod:UID`, `slurm:JOB`, `unit:NAME`, `user:UID`, `process:PID`. */
  readonly key: string;
  readonly kind: OwnerKind;
  /** For people: the pod's name, the job's, the unit, the user or the program; null when only the key is known. */
  readonly name: string | null;
  readonly namespace: string | null;
  readonly podUid: string | null;
  readonly slurmJobId: string | null;
  readonly unit: string | null;
  /** Of its processes, where they agree. */
  readonly uid: number | null;
  readonly person: Person;
  /** Why it has no better name, in words; null when it has one. */
  readonly nameProblem: string | null;
  readonly gpus: readonly GpuUse[];
}

/**
 * How a GPU's own numbers divide over its owners. Memory: owned + remainder - overcount is the GPU's own number, at the
 * time of the document. SM shares and GPU utilization are different measures over different windows: both stand as
 * reported, and a sum above the GPU's number is an overlap.
 */
export interface GpuAccounting {
  readonly memory: {
    /** Null when the driver does not tell it for one of the processes. */
    readonly ownedBytes: number | null;
    /** Driver, processes that ended, other namespaces; null when not known. */
    readonly remainderBytes: number | null;
    readonly overcountBytes: number;
  };
  readonly sm: {
    readonly ownedRatio: number | null;
    /** `max(0, utilization - owned)`. */
    readonly remainderRatio: number | null;
    readonly isOverlap: boolean;
  };
  /** Host clock, ISO 8601; null when the shares are not told. */
  readonly sharesSampledAt: string | null;
  /** Why the shares are not told, in words; null when they are, or no process is there to tell of. */
  readonly sharesProblem: string | null;
}
