import type { Alert, AlertQuiet, Silence } from '../model/index.ts';

/** What of a host a silence is matched against. */
export interface MatchedHost {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}

/** `*` is any letters, `?` one, capitals do not matter. In steps that the two lengths bound, whatever the pattern. */
function matchesGlob(glob: string, given: string): boolean {
  const [pattern, text] = [glob.toLowerCase(), given.toLowerCase()];
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < text.length) {
    const sign = pattern[at];
    if (sign === '*') {
      star = at;
      at += 1;
      resume = from;
    } else if (sign === '?' || (sign !== undefined && sign === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      from = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** Whether one word names a host: a hostname (`*` and `?` match), an id, `group=…`, or a label `key=value`. */
export function matchesWord(word: string, host: MatchedHost): boolean {
  const at = word.indexOf('=');
  if (at < 1) return word === host.id || matchesGlob(word, host.hostname);
  const [key, value] = [word.slice(0, at), word.slice(at + 1)];
  if (key === 'group' && matchesGlob(value, host.group)) return true;
  return host.labels.some((label) => label.key === key && matchesGlob(value, label.value));
}

export const matchesHost = (words: readonly string[], host: MatchedHost): boolean =>
  words.some((word) => matchesWord(word, host));

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

/**
 * What keeps an alert quiet: every host that it names must be matched, by one silence or several. Maintenance is told
 * before a silence.
 */
export function quietOf(
  alert: Pick<Alert, 'rule' | 'hosts'>,
  active: readonly Silence[],
  host: (id: string) => MatchedHost | null,
): AlertQuiet | null {
  const mine = active.filter(({ rule }) => rule === null || rule === alert.rule);
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
