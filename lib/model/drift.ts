/** What of a host's software is compared over the fleet. */
export const facetNames = ['driver', 'cuda', 'toolkit', 'runtime', 'kernel'] as const;
export type FacetName = (typeof facetNames)[number];

/** Where a baseline comes from; an inferred one is only shown, and never pages anyone. */
export type BaselineKind = 'declared' | 'accepted' | 'inferred';

/** A host whose facet is not what its group's baseline says. */
export interface DriftFinding {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly facet: FacetName;
  readonly expected: string;
  readonly actual: string;
  /** What it was before, as far as the hub saw it change. */
  readonly previous: string | null;
  /** When the hub first saw this value on this host, hub clock, ISO 8601. */
  readonly since: string;
  readonly baseline: BaselineKind;
}
