import type { PersonSource } from './owner.ts';

/** What the report of a month can be added up by. */
export const wasteGroupings = ['owner', 'person', 'group', 'image', 'namespace', 'host'] as const;
export type WasteGrouping = (typeof wasteGroupings)[number];

/** Time on GPUs and what became of it; see `definitions` of the report. A GPU that two have counts for both. */
export interface WasteSums {
  /** It was granted a GPU, or had a process there. */
  readonly occupiedSeconds: number;
  readonly grantedSeconds: number;
  readonly usedSeconds: number;
  /** In spells without work that lasted at least as long as asked. */
  readonly idleSeconds: number;
  /** The driver told no share: neither used nor idle. */
  readonly untoldSeconds: number;
  /** SM share times time: hours of a GPU at full work. */
  readonly smSeconds: number;
  /** Memory that was held without work, times time. */
  readonly workFreeByteSeconds: number;
  /** Null: no GPU told its power. */
  readonly energyJoules: number | null;
  /** Null: no price is set. */
  readonly cost: number | null;
  /** Of the idle time, at the price per GPU-hour; null without one. */
  readonly idleCost: number | null;
}

export interface WasteRow extends WasteSums {
  /** What the row is of; null: nothing tells it (no person, no image, no namespace). */
  readonly name: string | null;
  /** Owners in it, and GPUs that they were on. */
  readonly owners: number;
  readonly gpus: number;
  /** Of rows by owner: who it is and where its page is; null for other rows. */
  readonly owner: WasteOwner | null;
}

export interface WasteOwner {
  readonly hostId: string;
  readonly key: string;
  readonly hostname: string;
  /** A container's runtime, or the kind of another owner; null where nothing was told but numbers. */
  readonly runtime: string | null;
  readonly image: string | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly group: string | null;
  readonly person: string | null;
  readonly personFrom: PersonSource | null;
  readonly isInferred: boolean;
}

export interface WastePrices {
  /** Such as `EUR`; a word to show, no conversion. */
  readonly currency: string;
  readonly perGpuHour: number | null;
  readonly perKilowattHour: number | null;
}

/** GET /api/v1/waste. */
export interface WasteReport {
  /** `YYYY-MM`, of UTC. */
  readonly month: string;
  readonly from: string;
  readonly to: string;
  /** False while the month goes on, or began before the first account. */
  readonly isOver: boolean;
  readonly by: WasteGrouping;
  readonly idleAfterSeconds: number;
  readonly prices: WastePrices;
  /** What each number is, in words. */
  readonly definitions: Readonly<Record<string, string>>;
  /** The most idle first. */
  readonly rows: readonly WasteRow[];
  readonly total: WasteSums;
}
