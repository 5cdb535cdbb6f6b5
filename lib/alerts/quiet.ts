import type { Alert, AlertQuiet, Silence } from '../model/index.ts';
import { silencingRules } from './rules/index.ts';
import { type MatchedHost, matchesGlob, matchesHost } from './rules/matching.ts';

export { type MatchedHost, matchesHost, matchesWord } from './rules/matching.ts';

export function silenceState(silence: Silence, nowMillis: number): 'planned' | 'active' | 'over' {
  if (silence.endedAt !== null || Date.parse(silence.endsAt) <= nowMillis) return 'over';
  return Date.parse(silence.startsAt) > nowMillis ? 'planned' : 'active';
}

const asQuiet = ({ id, kind, endsAt, reason }: Silence): AlertQuiet => ({
  kind,
  silenceId: id,
  until: endsAt,
  reason,
});

const endsLast = (silences: readonly Silence[]): Silence | null =>
  silences.reduce<Silence | null>(
    (last, each) => (last === null || each.endsAt > last.endsAt ? each : last),
    null,
  );

/** The active maintenance of a host that lasts longest; null when there is none. */
export const maintenanceOf = (host: MatchedHost, active: readonly Silence[]): Silence | null =>
  endsLast(active.filter(({ kind, hosts }) => kind === 'maintenance' && matchesHost(hosts, host)));

const matcher = /^([A-Za-z_][\w.-]{0,63})(!?=)(.+)$/s;

/** Whether a text is a matcher as of Silence. */
export const isMatcher = (text: string): boolean => matcher.test(text);

type MatchedAlert = Pick<Alert, 'rule' | 'hosts' | 'severity' | 'cause' | 'labels'>;

/** A label that an alert has not is empty, as with Alertmanager. */
export function matchesAlert(
  matchers: readonly string[],
  alert: Omit<MatchedAlert, 'rule' | 'hosts'>,
): boolean {
  const values: Readonly<Record<string, string>> = {
    ...alert.labels,
    severity: alert.severity,
    cause: alert.cause,
  };
  return matchers.every((text) => {
    const [, key = '', sign, glob = ''] = matcher.exec(text) ?? [];
    if (sign === undefined) return false;
    return matchesGlob(glob, Object.hasOwn(values, key) ? (values[key] ?? '') : '') === (sign === '=');
  });
}

/**
 * What keeps an alert quiet: every host that it names must be matched, by one silence or several. Maintenance is told
 * before a silence.
 */
export function quietOf(
  alert: MatchedAlert,
  active: readonly Silence[],
  host: (id: string) => MatchedHost | null,
): AlertQuiet | null {
  const mine = active.filter(
    ({ rule, matchers }) => (rule === null || rule === alert.rule) && matchesAlert(matchers, alert),
  );
  if (mine.length === 0) return null;
  const used = new Set<Silence>();
  for (const { id, hostname } of alert.hosts) {
    const known = host(id) ?? { id, hostname, group: '', labels: [] };
    const matching = endsLast(mine.filter(({ hosts }) => matchesHost(hosts, known)));
    if (matching === null) return null;
    used.add(matching);
  }
  // The one that ends first decides until when all of it is quiet.
  const [first] = [...used].sort((a, b) => (a.endsAt < b.endsAt ? -1 : 1));
  const maintenance = [...used].find(({ kind }) => kind === 'maintenance');
  return first === undefined ? null : { ...asQuiet(maintenance ?? first), until: first.endsAt };
}

/** Labels of hosts that their scheduler gives no work, as agents report them. */
export const slurmStateLabel = 'slurm-state';
export const cordonedLabel = 'kubernetes-cordoned';

/** Why a host's scheduler took it out of service, in words; null while it did not. */
export function outOfService(host: Pick<MatchedHost, 'labels'>): string | null {
  const labelled = (key: string) => host.labels.find((label) => label.key === key)?.value ?? '';
  const slurm = labelled(slurmStateLabel);
  if (/drain|maint/i.test(slurm)) return `Slurm says that it is ${slurm}`;
  return labelled(cordonedLabel) === 'true' ? 'Kubernetes says that it is cordoned' : null;
}

/** What hosts a firing alert says nothing more can be known of: by host, the strongest rule that says so. */
export function silencedHosts(
  firing: readonly Pick<Alert, 'rule' | 'hosts' | 'cause'>[],
): ReadonlyMap<string, { readonly rank: number; readonly cause: string }> {
  const silenced = new Map<string, { readonly rank: number; readonly cause: string }>();
  for (const { rule, hosts, cause } of firing) {
    const rank = silencingRules.indexOf(rule);
    if (rank < 0) continue;
    for (const { id } of hosts)
      if (rank < (silenced.get(id)?.rank ?? silencingRules.length)) silenced.set(id, { rank, cause });
  }
  return silenced;
}

/** Whether a stronger alert of each of its hosts says already that nothing can be known of them. */
export function inhibitedBy(
  alert: Pick<Alert, 'rule' | 'hosts'>,
  silenced: ReadonlyMap<string, { readonly rank: number; readonly cause: string }>,
): string | null {
  const own = silencingRules.indexOf(alert.rule);
  const rank = own < 0 ? silencingRules.length : own;
  const stronger = alert.hosts.map(({ id }) => silenced.get(id));
  if (stronger.length === 0 || stronger.some((each) => each === undefined || each.rank >= rank)) return null;
  return stronger[0]?.cause ?? null;
}
