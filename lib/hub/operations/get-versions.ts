import { groupIssues, matrixOf } from '../../drift/index.ts';
import {
  type FacetName,
  facetNames,
  type HostLabel,
  type VersionsHost,
  type VersionsView,
} from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { selectHostsById } from '../host-selection.ts';
import { requireRole } from '../require-role.ts';

export interface VersionsQuery {
  /** Words that must all be found: hostname, id, group, a version, label `key=value`. */
  readonly q?: string;
  /** As in ListQuery. */
  readonly group?: readonly string[];
  readonly label?: readonly string[];
  /** Leaves out baselines and drift of other facets; hosts and groups have all of theirs. */
  readonly facet?: FacetName;
  /** `none`: for who wants the matrix only, and neither hosts nor drift; default `all`. */
  readonly hosts?: 'all' | 'none';
}

function wordsTest(q: string | undefined): (host: VersionsHost, labels: readonly HostLabel[]) => boolean {
  const wanted = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return () => true;
  return ({ hostname, id, group, facets }, labels) => {
    const values = facetNames.map((facet) => facets[facet].value);
    const told = labels.map(({ key, value }) => `${key}=${value}`);
    const text = [hostname, id, group, ...values, ...told].join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
}

function matching(context: HubContext, query: VersionsQuery): readonly VersionsHost[] {
  const { drift, fleet } = context;
  const hasWords = wordsTest(query.q);
  const ids = selectHostsById(context, query);
  return drift
    .hosts()
    .filter((host) => ids.has(host.id) && hasWords(host, fleet.summary(host.id)?.labels ?? []));
}

/** What runs where: facets by group and by host, baselines, and who differs since when. */
export async function getVersions(
  actor: Actor,
  context: HubContext,
  query: VersionsQuery = {},
): Promise<VersionsView> {
  requireRole(actor, 'viewer');
  const { drift } = context;
  const { q, group, label, facet, hosts: wanted = 'all' } = query;
  const isWhole = q === undefined && label === undefined;
  const hosts = isWhole && group === undefined ? drift.hosts() : matching(context, query);
  const groups = isWhole
    ? drift.matrix().filter((each) => group === undefined || group.includes(each.group))
    : matrixOf(hosts, (ofGroup, ofFacet) => drift.baselines.effective(ofGroup, ofFacet));
  const told = wanted === 'none' ? [] : hosts;
  const shown = new Set(groups.map((each) => each.group));
  const isAsked = (name: FacetName) => facet === undefined || facet === name;
  return {
    serverTime: new Date(context.now()).toISOString(),
    revision: `${context.epoch}-${drift.revision()}`,
    groups,
    baselines: drift.baselines.all().filter((each) => shown.has(each.group) && isAsked(each.facet)),
    drift: drift.explain(
      told.flatMap(({ id }) => drift.findingsOf(id)).filter((each) => isAsked(each.facet)),
    ),
    issues: groupIssues(hosts.flatMap(({ id }) => drift.issuesOf(id)).filter((each) => isAsked(each.facet))),
    hosts: told,
  };
}
