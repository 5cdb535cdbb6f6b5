/** Reports that wait for the hub. Bounded: when full, the oldest go and are counted. Never throws after it was opened. */
export interface Spool {
  /** Random per spool; with `sequence` it is the identity of a report. */
  readonly epoch: string;
  /** The next report's number, above every one given before in this epoch. */
  takeSequence(): number;
  append(entry: SpoolEntry): void;
  /** Up to `count` of what waits, oldest first; an entry that cannot be read any more is dropped and counted. */
  oldest(count: number): readonly SpoolEntry[];
  newest(): SpoolEntry | null;
  /** They are at the hub. Unknown numbers are ignored. */
  acknowledge(sequences: readonly number[]): void;
  /** They will never be at the hub, whether they wait here or not: forgets and counts each. */
  drop(sequences: readonly number[]): void;
  readonly stats: SpoolStats;
  /** Writes down where it stands. */
  close(): void;
}

export interface SpoolEntry {
  readonly sequence: number;
  /** The report as gzipped JSON. */
  readonly payload: Buffer;
}

export interface SpoolStats {
  readonly reports: number;
  readonly bytes: number;
  /** Reports lost since the epoch began: it was full, the disk failed, or the hub refused them. */
  readonly droppedReports: number;
  /** Unfinished or damaged records found at opening; the damaged ones are also among those dropped. */
  readonly tornRecords: number;
  /** Why the last write failed, in one line; null when it did not. */
  readonly problem: string | null;
}
