import type { Alert, AttentionItem } from '../../model/index.ts';

/** Rules that speak of what the fleet shows as a host that stopped reporting. */
const goneRules: readonly string[] = ['host-gone', 'hub-or-network'];

const hostsOf = (alerts: readonly Alert[], rules: readonly string[]): ReadonlySet<string> =>
  new Set(
    alerts.filter(({ rule }) => rules.includes(rule)).flatMap(({ hosts }) => hosts.map(({ id }) => id)),
  );

function itemOf(alerts: readonly [Alert, ...Alert[]]): AttentionItem {
  const [first] = alerts;
  const seen = alerts.every(({ acknowledged }) => acknowledged !== null) ? ' (acknowledged)' : '';
  const isOne = alerts.length === 1;
  const [host] = first.hosts;
  return {
    severity: first.severity,
    hostId: isOne && first.hosts.length === 1 && host !== undefined ? host.id : null,
    text: `${isOne ? first.what : `${first.cause}: ${alerts.length} hosts`}${seen}`,
    since: alerts.map(({ since }) => since).sort()[0] ?? first.since,
    href: isOne ? `/alerts/${encodeURIComponent(first.id)}` : '/alerts',
  };
}

/** What the open alerts say of what needs a person. What fires takes the place of what else would say the same. */
export interface AlertAttention {
  readonly items: readonly AttentionItem[];
  /** Hosts whose silence an alert speaks of, quiet or not. */
  readonly gone: ReadonlySet<string>;
  /** Hosts whose driver an alert speaks of, quiet or not. */
  readonly drifted: ReadonlySet<string>;
}

export function alertAttention(open: readonly Alert[]): AlertAttention {
  const firing = open.filter(({ phase }) => phase === 'firing');
  const loud = Map.groupBy(
    firing.filter(({ quiet }) => quiet === null),
    ({ cause }) => cause,
  );
  return {
    items: [...loud.values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [itemOf([first, ...rest])],
    ),
    gone: hostsOf(firing, goneRules),
    drifted: hostsOf(firing, ['driver-drift']),
  };
}
