import { containerIncompatibleName, containerMinorVersionName } from '../../alerts/rules/index.ts';
import type { Alert, AttentionItem } from '../../model/index.ts';

/** Rules that speak of what the fleet shows as a host that stopped reporting. */
const goneRules: readonly string[] = ['host-gone', 'hub-or-network'];

/** What runs, with limits, needs nobody now. */
const forATicket: readonly string[] = [containerMinorVersionName];

const hostsOf = (alerts: readonly Alert[], rules: readonly string[]): ReadonlySet<string> =>
  new Set(
    alerts.filter(({ rule }) => rules.includes(rule)).flatMap(({ hosts }) => hosts.map(({ id }) => id)),
  );

/** How many hosts; several alerts of one host name it. */
function countWords(alerts: readonly Alert[]): string {
  const hosts = new Map(alerts.flatMap((alert) => alert.hosts).map(({ id, hostname }) => [id, hostname]));
  const [only] = hosts.values();
  if (hosts.size === 1) return `${alerts.length} alerts on ${only}`;
  return hosts.size === 0 ? `${alerts.length} alerts` : `${hosts.size} hosts`;
}

/** Of one GPU: its page, which tells all that is wrong with it; of an SSH host: where its key is compared. */
const hrefOf = ({ id, href }: Alert): string =>
  /^\/(gpus\/|hosts\/ssh\?)/.test(href) ? href : `/alerts/${encodeURIComponent(id)}`;

function itemOf(alerts: readonly [Alert, ...Alert[]]): AttentionItem {
  const [first] = alerts;
  const seen = alerts.every(({ acknowledged }) => acknowledged !== null) ? ' (acknowledged)' : '';
  const isOne = alerts.length === 1;
  const [host] = first.hosts;
  return {
    severity: first.severity,
    hostId: isOne && first.hosts.length === 1 && host !== undefined ? host.id : null,
    text: `${isOne ? first.what : `${first.cause}: ${countWords(alerts)}`}${seen}`,
    since: alerts.map(({ since }) => since).sort()[0] ?? first.since,
    href: isOne ? hrefOf(first) : '/alerts',
  };
}

const pathOf = (href: string): string => href.split('?', 1)[0] ?? href;

function sayingOf(firing: readonly Alert[]): (item: AttentionItem) => boolean {
  const said = new Map<string, AttentionItem['severity']>();
  for (const { hosts, href, severity } of firing)
    for (const { id } of hosts) {
      const key = `${id} ${pathOf(href)}`;
      if (said.get(key) !== 'critical') said.set(key, severity);
    }
  return ({ hostId, href, severity }) => {
    const told = said.get(`${hostId} ${pathOf(href)}`);
    return told === 'critical' || (told !== undefined && severity === 'warning');
  };
}

/** What the open alerts say of what needs a person. What fires takes the place of what else would say the same. */
export interface AlertAttention {
  readonly items: readonly AttentionItem[];
  /** Hosts whose silence an alert speaks of, quiet or not. */
  readonly gone: ReadonlySet<string>;
  /** Whether an alert, quiet or not, says already what the fleet itself would say of a host or GPU. */
  readonly saysAlready: (item: AttentionItem) => boolean;
  /** Hosts whose driver an alert speaks of, quiet or not. */
  readonly drifted: ReadonlySet<string>;
  /** Hosts of whose containers an alert says that they cannot use CUDA. */
  readonly incompatible: ReadonlySet<string>;
  /** Addresses of SSH hosts whose key an alert speaks of, quiet or not. */
  readonly sshKeys: ReadonlySet<string>;
}

export function alertAttention(open: readonly Alert[]): AlertAttention {
  const firing = open.filter(({ phase }) => phase === 'firing');
  const loud = Map.groupBy(
    firing.filter(({ quiet, rule }) => quiet === null && !forATicket.includes(rule)),
    ({ cause }) => cause,
  );
  return {
    items: [...loud.values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [itemOf([first, ...rest])],
    ),
    gone: hostsOf(firing, goneRules),
    saysAlready: sayingOf(firing),
    drifted: hostsOf(firing, ['driver-drift']),
    incompatible: hostsOf(firing, [containerIncompatibleName]),
    sshKeys: new Set(firing.flatMap(({ rule, href }) => (rule === 'ssh-host-key' ? [href] : []))),
  };
}
