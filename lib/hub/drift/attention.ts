import {
  type AttentionItem,
  type DriftFinding,
  facetNames,
  facetShapes,
  type StackIssueKind,
} from '../../model/index.ts';
import type { DriftKeeper } from './keeper.ts';

/** Address of a facet of a group on the Versions page. */
export const cellHref = ({ group, facet }: Pick<DriftFinding, 'group' | 'facet'>): string =>
  `/versions?${new URLSearchParams({ cell: `${facet}:${group}` })}`;

function itemOf(findings: readonly [DriftFinding, ...DriftFinding[]]): AttentionItem {
  const [first] = findings;
  const hosts = new Set(findings.map(({ hostId }) => hostId));
  const more = new Set(findings.map(({ facet }) => facet)).size - 1;
  const who = hosts.size === 1 ? `${first.hostname}: drifted` : `${hosts.size} hosts drifted`;
  const inferred = first.baseline === 'inferred' ? ' (inferred)' : '';
  const others = more === 0 ? '' : ` and ${more} more ${more === 1 ? 'facet' : 'facets'}`;
  return {
    severity: 'warning',
    hostId: hosts.size === 1 ? first.hostId : null,
    text: `${who} from ${facetShapes[first.facet].words} ${first.expected}${inferred}${others} in ${first.group}`,
    since: findings.map(({ since }) => since).sort()[0] ?? first.since,
    href: cellHref(first),
  };
}

const issueWords: Readonly<Partial<Record<StackIssueKind, string>>> = {
  'pending-mismatch': 'reboot needed: the driver on disk is not the one that is loaded',
  'library-mismatch': 'driver library and loaded module are of two versions',
  'fabric-manager': 'fabric manager is not of the driver’s version',
  'stale-cdi': 'CDI specification of another driver',
};

/** Address of an issue on the Versions page. */
export const issueHref = (kind: StackIssueKind): string =>
  `/versions?${new URLSearchParams({ issue: kind })}`;

/** What is wrong with the stack of hosts that report, one item a kind; vulnerabilities are on the page alone. */
function issueAttention(drift: Pick<DriftKeeper, 'issues' | 'host'>): readonly AttentionItem[] {
  const live = drift.issues().filter(({ hostId }) => drift.host(hostId)?.reporting === true);
  return [...Map.groupBy(live, ({ kind }) => kind)].flatMap(([kind, all]) => {
    const [first] = all;
    const words = issueWords[kind];
    const since = all.flatMap((issue) => issue.since ?? []).sort()[0];
    if (first === undefined || words === undefined || since === undefined) return [];
    const hosts = new Set(all.map(({ hostId }) => hostId));
    return [
      {
        severity: 'warning' as const,
        hostId: hosts.size === 1 ? first.hostId : null,
        text: `${hosts.size === 1 ? first.hostname : `${hosts.size} hosts`}: ${words}`,
        since,
        href: issueHref(kind),
      },
    ];
  });
}

/** Hosts that report and differ, one item a group and kind of baseline; it leads to the first facet of the page. */
export function driftAttention(
  drift: Pick<DriftKeeper, 'findings' | 'issues' | 'host'>,
): readonly AttentionItem[] {
  const live = drift.findings().filter(({ hostId }) => drift.host(hostId)?.reporting === true);
  const order = new Map(facetNames.map((facet, at) => [facet, at]));
  const inOrder = live.toSorted((a, b) => (order.get(a.facet) ?? 0) - (order.get(b.facet) ?? 0));
  const byCause = Map.groupBy(inOrder, ({ group, baseline }) => `${baseline === 'inferred'} ${group}`);
  const drifted = [...byCause.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [itemOf([first, ...rest])],
  );
  return [...issueAttention(drift), ...drifted];
}
