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

/** One number of one reading. Values are stored as integers of 1/scale, so that sums do not depend on order. */
export interface HistorySample {
  readonly metric: HistoryMetric;
  readonly gpuUuid: string;
  /** Null for the GPU's own metrics. */
  readonly containerId: string | null;
  readonly value: number;
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
  stats(): Promise<HistoryStats>;
  /** Commits what is queued and closes. */
  close(): Promise<void>;
}
