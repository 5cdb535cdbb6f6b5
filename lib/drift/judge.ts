import {
  type Baseline,
  type BaselineKind,
  type DriftFinding,
  type FacetName,
  facetNames,
  isAsExpected,
  type VersionsHost,
} from '../model/index.ts';

const strongestFirst: readonly BaselineKind[] = ['declared', 'accepted', 'inferred'];

/** The baseline that counts of those of one group and facet: declared before accepted before inferred. */
export function strongest(baselines: Iterable<Baseline>): Baseline | null {
  let best: Baseline | null = null;
  for (const each of baselines)
    if (best === null || strongestFirst.indexOf(each.kind) < strongestFirst.indexOf(best.kind)) best = each;
  return best;
}

/** The baseline that counts for a group and facet. */
export type BaselineOf = (group: string, facet: FacetName) => Baseline | null;

function judgeFacet(host: VersionsHost, facet: FacetName, baseline: Baseline | null): DriftFinding | null {
  const { value, toldAt, since, previous, missing } = host.facets[facet];
  if (baseline === null || value === null || since === null) return null;
  if (isAsExpected(baseline.value, value)) return null;
  // Taken off the host: there is nothing left that could differ.
  if (missing === 'absent' && host.reporting) return null;
  // A value from before the baseline was there was never measured by it, and is too old to begin now.
  if (toldAt !== null && toldAt < baseline.since) return null;
  const { id, hostname, group } = host;
  return {
    hostId: id,
    hostname,
    group,
    facet,
    expected: baseline.value,
    actual: value,
    previous,
    since,
    baseline: baseline.kind,
  };
}

/** How one host differs from its group's baselines, in the order of the facets. */
export function judgeHost(host: VersionsHost, baselineOf: BaselineOf): readonly DriftFinding[] {
  return facetNames.flatMap(
    (facet) => judgeFacet(host, facet, baselineOf(host.group, facet)) ?? ([] as DriftFinding[]),
  );
}
