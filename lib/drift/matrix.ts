import {
  type FacetName,
  facetNames,
  isAsExpected,
  type VersionsCell,
  type VersionsGroup,
  type VersionsHost,
} from '../model/index.ts';
import type { BaselineOf } from './judge.ts';

const collator = new Intl.Collator('en', { numeric: true });

function valuesOf(hosts: readonly VersionsHost[], facet: FacetName): VersionsCell['values'] {
  const counts = new Map<string, { hosts: number; oldHosts: number }>();
  for (const host of hosts) {
    const { value, toldAt } = host.facets[facet];
    if (value === null) continue;
    const count = counts.get(value) ?? { hosts: 0, oldHosts: 0 };
    if (toldAt === null) count.hosts += 1;
    else count.oldHosts += 1;
    counts.set(value, count);
  }
  return [...counts]
    .map(([value, count]) => ({ value, ...count }))
    .sort((a, b) => b.hosts - a.hosts || b.oldHosts - a.oldHosts || collator.compare(b.value, a.value));
}

function cellOf(
  group: string,
  facet: FacetName,
  hosts: readonly VersionsHost[],
  baselineOf: BaselineOf,
): VersionsCell {
  const baseline = baselineOf(group, facet);
  const counts = { told: 0, agree: 0, differ: 0, absent: 0, unknown: 0, silent: 0 };
  for (const host of hosts) {
    const { value, missing } = host.facets[facet];
    if (!host.reporting) counts.silent += 1;
    else if (missing !== null) counts[missing] += 1;
    else {
      counts.told += 1;
      if (baseline !== null)
        counts[value !== null && isAsExpected(baseline.value, value) ? 'agree' : 'differ'] += 1;
    }
  }
  return { facet, baseline, ...counts, values: valuesOf(hosts, facet) };
}

/** Facets by group, groups by name. `groups` names those that are shown also without a host. */
export function matrixOf(
  hosts: readonly VersionsHost[],
  baselineOf: BaselineOf,
  groups: Iterable<string> = [],
): readonly VersionsGroup[] {
  const byGroup = new Map<string, VersionsHost[]>();
  for (const group of groups) byGroup.set(group, []);
  for (const host of hosts) {
    const own = byGroup.get(host.group);
    if (own === undefined) byGroup.set(host.group, [host]);
    else own.push(host);
  }
  return [...byGroup]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([group, own]) => ({
      group,
      hosts: own.length,
      cells: facetNames.map((facet) => cellOf(group, facet, own, baselineOf)),
    }));
}
