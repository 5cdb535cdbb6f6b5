import type { Baseline, FacetChange, FacetName } from '../model/index.ts';

/** One value that a host's facet had, from `since` on until its next one. */
export interface FacetValueRecord {
  readonly hostId: string;
  readonly facet: FacetName;
  readonly value: string;
  readonly since: string;
}

/** Which changes; all that are given must hold. */
export interface FacetChangesAsk {
  /** ISO 8601 of the hub's clock; `from` is in it, `to` is not. */
  readonly from?: string;
  readonly to?: string;
  readonly facets?: readonly FacetName[];
  readonly hostId?: string;
  readonly limit: number;
}

/** Baselines, and what each host's facets were and are. */
export interface VersionsState {
  /** Of all kinds: a declared one may hide an accepted one. */
  listBaselines(): Promise<readonly Baseline[]>;
  /** Replaces the one of the same group, facet and kind. */
  putBaseline(baseline: Baseline): Promise<void>;
  removeBaseline(baseline: Pick<Baseline, 'group' | 'facet' | 'kind'>): Promise<void>;
  /** By host, facet and time. */
  listFacetValues(): Promise<readonly FacetValueRecord[]>;
  /** All or none. Of each host and facet the newest 20 values are kept. */
  addFacetValues(records: readonly FacetValueRecord[], changes: readonly FacetChange[]): Promise<void>;
  /** The newest first. */
  listFacetChanges(ask: FacetChangesAsk): Promise<readonly FacetChange[]>;
  /** Facets whose newest change says that they are not on the host any more. */
  listGoneFacets(): Promise<readonly Pick<FacetChange, 'hostId' | 'facet'>[]>;
  /** Forgets changes before a time, and the oldest of more than so many. */
  pruneFacetChanges(before: string, most: number): Promise<void>;
  removeFacetValues(hostIds: readonly string[]): Promise<void>;
}
