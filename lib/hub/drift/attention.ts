import type { AttentionItem, DriftFinding } from '../../model/index.ts';
import type { DriftKeeper } from './keeper.ts';

/** Words for a facet in a sentence. */
const facetWords = {
  driver: 'driver',
  cuda: 'CUDA',
  toolkit: 'container toolkit',
  runtime: 'container runtime',
  kernel: 'kernel',
} as const;

/** Address of a facet of a group on the Versions page. */
export const cellHref = ({ group, facet }: Pick<DriftFinding, 'group' | 'facet'>): string =>
  `/versions?${new URLSearchParams({ cell: `${facet}:${group}` })}`;

function itemOf(findings: readonly [DriftFinding, ...DriftFinding[]]): AttentionItem {
  const [first] = findings;
  const who = findings.length === 1 ? `${first.hostname}: drifted` : `${findings.length} hosts drifted`;
  const inferred = first.baseline === 'inferred' ? ' (inferred)' : '';
  return {
    severity: 'warning',
    hostId: findings.length === 1 ? first.hostId : null,
    text: `${who} from ${facetWords[first.facet]} ${first.expected}${inferred} in ${first.group}`,
    since: findings.map(({ since }) => since).sort()[0] ?? first.since,
    href: cellHref(first),
  };
}

/** Hosts that report and differ, one item a cause: a facet of a group. */
export function driftAttention(drift: Pick<DriftKeeper, 'findings' | 'host'>): readonly AttentionItem[] {
  const live = drift.findings().filter(({ hostId }) => drift.host(hostId)?.reporting === true);
  const byCause = Map.groupBy(live, ({ group, facet }) => `${facet} ${group}`);
  return [...byCause.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [itemOf([first, ...rest])],
  );
}
