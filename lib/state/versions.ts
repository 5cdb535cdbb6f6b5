import type { Baseline, FacetName } from '../model/index.ts';

/** One value that a host's facet had, from `since` on until its next one. */
export interface FacetValueRecord {
  readonly hostId: string;
  readonly facet: FacetName;
  readonly value: string;
  readonly since: string;
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
  /** All or none. Of each host and facet the newest 20 are kept. */
  addFacetValues(records: readonly FacetValueRecord[]): Promise<void>;
  removeFacetValues(hostIds: readonly string[]): Promise<void>;
}
