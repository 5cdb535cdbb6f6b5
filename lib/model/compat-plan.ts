import type { Verdict } from './compat.ts';

/** What an upgrade changes. Null: stays. */
export interface CompatChange {
  readonly driver: string | null;
  readonly toolkit: string | null;
}

/** A container whose verdict an upgrade changes. */
export interface PlannedContainer {
  readonly hostId: string;
  /** Its id within the host. */
  readonly key: string;
  readonly before: Verdict;
  readonly after: Verdict;
}

/** A known vulnerability of a driver or of the container toolkit. */
export interface KnownVulnerability {
  readonly cve: string;
  /** CVSS base score, 0 to 10. */
  readonly cvss: number;
  /** Number of NVIDIA's security bulletin. */
  readonly bulletin: string;
  readonly of: 'driver' | 'toolkit';
  /** Version of the same branch that closes it; null: its branch gets no more fixes. */
  readonly fixedIn: string | null;
  /** In which configuration it counts, in words; null: in all. */
  readonly condition: string | null;
}

/** How long a driver branch is supported. */
export interface BranchSupport {
  readonly branch: number;
  readonly kind: 'long-term support' | 'production' | 'new feature' | null;
  /** Month in which support ends, `YYYY-MM`; null: not known. */
  readonly supportedUntil: string | null;
  /** Null: not known. */
  readonly isOver: boolean | null;
  readonly source: string;
}

/** Something that an upgrade needs beside the driver itself, or takes away. */
export interface PlanNote {
  readonly kind:
    | 'gpu-loses-support'
    | 'gpu-gets-support'
    | 'open-modules'
    | 'fabric-manager'
    | 'support-ends'
    | 'toolkit-mode'
    | 'outside-the-tables';
  readonly text: string;
  readonly source: string;
  /** The hosts that it is about. */
  readonly hostIds: readonly string[];
}

/** Answer of POST /api/v1/compat/plan, but for names. */
export interface CompatPlan {
  readonly change: CompatChange;
  readonly hosts: number;
  readonly containers: number;
  /** Do not run now and would, run and would not, run otherwise than now, get or lose a known verdict. */
  readonly starts: readonly PlannedContainer[];
  readonly stops: readonly PlannedContainer[];
  readonly differs: readonly PlannedContainer[];
  /** Containers whose verdict is not known, before and after. */
  readonly unknown: number;
  readonly notes: readonly PlanNote[];
  readonly support: BranchSupport | null;
  readonly closed: readonly KnownVulnerability[];
  readonly left: readonly KnownVulnerability[];
}

/** The oldest supported driver on which everything runs. */
export interface OldestDriver {
  /** Null: there is none; then `blockers` are of the driver on which the fewest fail. */
  readonly driver: string | null;
  readonly support: BranchSupport | null;
  readonly blockers: readonly PlannedContainer[];
  /** Containers that are left out, since too little is known of them. */
  readonly unknown: number;
}
