import type { BaselineKind, ExplainedDrift, FacetName, StackIssueGroup } from './drift.ts';

/** Longest value of a facet; longer ones are cut when read and refused when set. */
export const longestFacetValue = 128;

/** What a group's hosts should say of one facet. */
export interface Baseline {
  readonly group: string;
  readonly facet: FacetName;
  readonly value: string;
  readonly kind: BaselineKind;
  /** Since when it is this, hub clock, ISO 8601. */
  readonly since: string;
  /** Who accepted it; null when nobody did. */
  readonly by: string | null;
}

/** What one report says of a facet. */
export interface FacetReading {
  /** Null: see `missing`. */
  readonly value: string | null;
  /** `absent`: not on this host. `unknown`: it may be there, and was not told. Null while there is a value. */
  readonly missing: 'absent' | 'unknown' | null;
  /** Where the value is from, or why there is none. */
  readonly reason: string;
  /** What a person should know of the value, such as two sources that contradict each other. */
  readonly note: string | null;
}

/** A facet of one host: what is told now, and since when the last value holds. */
export interface HostFacet extends FacetReading {
  /** The last value told. It is old when `toldAt` is set. */
  readonly value: string | null;
  /** When it was last told, where the newest report does not tell it or the host does not report; else null. */
  readonly toldAt: string | null;
  /** When the hub first saw this value on this host; null when it never told one. */
  readonly since: string | null;
  readonly previous: string | null;
}

export interface VersionsHost {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  /** False: gone, or not heard since the hub started; all its values are old. */
  readonly reporting: boolean;
  readonly facets: Readonly<Record<FacetName, HostFacet>>;
}

/** One facet of one group; its hosts fall apart into `told` (`agree` + `differ` where there is a baseline) and the rest. */
export interface VersionsCell {
  readonly facet: FacetName;
  /** The one that counts: declared before accepted before inferred. */
  readonly baseline: Baseline | null;
  readonly told: number;
  readonly agree: number;
  readonly differ: number;
  readonly absent: number;
  readonly unknown: number;
  /** Hosts that do not report. */
  readonly silent: number;
  /** Most hosts first. */
  readonly values: readonly {
    readonly value: string;
    readonly hosts: number;
    /** Hosts whose last value it is, and which do not tell it now. */
    readonly oldHosts: number;
  }[];
}

export interface VersionsGroup {
  readonly group: string;
  readonly hosts: number;
  /** In the order of `facetNames`. */
  readonly cells: readonly VersionsCell[];
}

/** GET /api/v1/versions. */
export interface VersionsView {
  readonly serverTime: string;
  /** Changes whenever anything else in here does. */
  readonly revision: string;
  readonly groups: readonly VersionsGroup[];
  readonly baselines: readonly Baseline[];
  readonly drift: readonly ExplainedDrift[];
  /** What is wrong whatever the baselines say, one entry for all hosts that have the same; the worst first. */
  readonly issues: readonly StackIssueGroup[];
  readonly hosts: readonly VersionsHost[];
}
