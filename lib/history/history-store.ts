import type { RangeResult } from '../model/index.ts';

/** What is kept over time, per GPU or per container on a GPU; the unit is in the name. */
export const historyMetrics = {
  gpu_utilization_ratio: { unit: 'ratio', scale: 10_000 },
  gpu_memory_utilization_ratio: { unit: 'ratio', scale: 10_000 },
  gpu_encoder_utilization_ratio: { unit: 'ratio', scale: 10_000 },
  gpu_decoder_utilization_ratio: { unit: 'ratio', scale: 10_000 },
  gpu_memory_used_bytes: { unit: 'bytes', scale: 1 },
  gpu_temperature_celsius: { unit: 'celsius', scale: 10 },
  gpu_memory_temperature_celsius: { unit: 'celsius', scale: 10 },
  gpu_power_watts: { unit: 'watts', scale: 1_000 },
  gpu_sm_clock_hertz: { unit: 'hertz', scale: 1 },
  gpu_memory_clock_hertz: { unit: 'hertz', scale: 1 },
  gpu_fan_ratio: { unit: 'ratio', scale: 10_000 },
  container_gpu_memory_used_bytes: { unit: 'bytes', scale: 1 },
  container_gpu_utilization_ratio: { unit: 'ratio', scale: 10_000 },
} as const;

export type HistoryMetric = keyof typeof historyMetrics;

/**
 * What the accounts of owners are made of, per owner of a GPU and reading: how long the reading stands for (a MIG
 * instance counts as its part), for how long of that it was granted the GPU, and its part of the GPU's energy. They are
 * summed by day and are no series.
 */
export const accountMetrics = {
  owner_seconds: { scale: 1_000 },
  owner_granted_seconds: { scale: 1_000 },
  owner_energy_joules: { scale: 1_000 },
} as const;

export type AccountMetric = keyof typeof accountMetrics;

/** One number of one reading. Values are stored as integers of 1/scale, so that sums do not depend on order. */
export interface HistorySample {
  readonly metric: HistoryMetric | AccountMetric;
  readonly gpuUuid: string;
  /** A container's id, or the key of another owner within its host; null for the GPU's own metrics. */
  readonly containerId: string | null;
  readonly value: number;
}

/** Who the numbers of an owner belong to, as last told; kept for as long as any of its numbers. */
export interface HistoryOwner {
  /** A container's id, or the key of another owner within its host. */
  readonly key: string;
  /** As the model names it: `docker`, `slurm`, `user`. */
  readonly runtime: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly person: string | null;
  /** What tells the person; null when nobody does. */
  readonly personFrom: string | null;
  readonly isInferred: boolean;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly hostname: string;
  readonly group: string;
  readonly cudaVersion: string | null;
  /** ISO 8601; null where nothing tells it. */
  readonly startedAt: string | null;
}

/** One report's numbers. (hostId, epoch, sequence) is its identity: appended twice, it counts once. */
export interface HistoryEntry {
  readonly hostId: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Hub clock: when it was taken. */
  readonly takenAtSeconds: number;
  /** Hub clock. */
  readonly receivedAtSeconds: number;
  readonly samples: readonly HistorySample[];
  /** Owners that are new or changed since they were last told; the others may be left out. */
  readonly owners?: readonly HistoryOwner[];
}

export interface OwnerUseQuery {
  /** Unix time; whole days of UTC. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** How long an owner must do no work until that counts as idle; whole minutes, at most a day. */
  readonly idleAfterSeconds: number;
}

/** The account of one owner on one GPU over a while. Sums of what its readings stand for; gaps count for nothing. */
export interface OwnerUse {
  readonly hostId: string;
  readonly gpuUuid: string;
  readonly key: string;
  /** Null: nothing was ever told of it but numbers. */
  readonly owner: HistoryOwner | null;
  /** It was granted the GPU, or had a process there. */
  readonly seconds: number;
  readonly grantedSeconds: number;
  /** Its SM share was told and above 0. */
  readonly usedSeconds: number;
  /** Its SM share was told and 0. */
  readonly workFreeSeconds: number;
  /** Of that, in spells of whole minutes without work that lasted at least as long as asked. */
  readonly idleSeconds: number;
  /** Its SM share times time. */
  readonly smSeconds: number;
  /** Memory that it held while it did no work, times time; in whole MiB. */
  readonly workFreeByteSeconds: number;
  /** Null: the GPU told no power. */
  readonly energyJoules: number | null;
}

/** An owner and when it was on which GPU; to the hour. */
export interface OwnerRecord {
  readonly hostId: string;
  readonly key: string;
  readonly owner: HistoryOwner | null;
  readonly gpus: readonly {
    readonly gpuUuid: string;
    readonly fromSeconds: number;
    readonly toSeconds: number;
  }[];
}

export interface HistoryQuery {
  readonly metric: HistoryMetric;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Null lets the store choose for about 500 points. */
  readonly stepSeconds: number | null;
  readonly gpuUuids: readonly string[];
  readonly containerId: string | null;
}

export interface Retention {
  readonly rawSeconds: number;
  readonly minuteSeconds: number;
  readonly hourSeconds: number;
}

export interface HistoryStats {
  readonly rawRows: number;
  readonly databaseBytes: number;
  /** Hub clock (unix seconds); null before the first commit since the store was opened. */
  readonly lastCommitAtSeconds: number | null;
  readonly queuedEntries: number;
  /** GPUs and containers seen lately; the others are looked up. */
  readonly tracksInMemory: number;
  /** Gaps in sequence numbers too many to keep: a report in one of them counts as a duplicate. Since the start. */
  readonly forgottenGaps: number;
}

/** History of numbers. Implementations: sqlite (embedded). All methods reject with StoreError. */
export interface HistoryStore {
  /** Resolves after the commit, an outcome an entry, in order. Batches callers within 200 ms into one transaction. */
  append(entries: readonly HistoryEntry[]): Promise<readonly ('accepted' | 'duplicate')[]>;
  /** Series per (gpu, container); labels are `uuid` and `container_id`. */
  queryRange(query: HistoryQuery): Promise<RangeResult>;
  /** Accounts of every owner that was on a GPU, one an owner and GPU, in no order. Rejects with `too-large`. */
  ownerUse(query: OwnerUseQuery): Promise<readonly OwnerUse[]>;
  /** Null: no number of it is kept. */
  findOwner(hostId: string, key: string): Promise<OwnerRecord | null>;
  stats(): Promise<HistoryStats>;
  /** Commits what is queued and closes. */
  close(): Promise<void>;
}
