import { type ChangeEvent, causeOfChanges, type FacetChange, facetNames } from '../model/index.ts';

/** Two steps of one thing lie no further apart than this: the hub sees a reboot's parts one after the other. */
const togetherMillis = 10 * 60_000;

export interface ChangingHost {
  readonly hostname: string;
  readonly group: string;
}

/** The same step of one facet on hosts one after the other. */
interface Step extends Pick<FacetChange, 'facet' | 'from' | 'to'> {
  at: string;
  until: string;
  readonly hosts: Map<string, string>;
}

/** Same facet, same values, each within ten minutes of the one before; a host that does it again begins a new step. */
function stepsOf(oldestFirst: readonly FacetChange[]): readonly Step[] {
  const open = new Map<string, Step>();
  const all: Step[] = [];
  for (const { at, hostId, facet, from, to } of oldestFirst) {
    const key = JSON.stringify([facet, from, to]);
    const step = open.get(key);
    if (
      step !== undefined &&
      !step.hosts.has(hostId) &&
      Date.parse(at) - Date.parse(step.until) <= togetherMillis
    ) {
      step.until = at;
      step.hosts.set(hostId, at);
      continue;
    }
    const begun: Step = { facet, from, to, at, until: at, hosts: new Map([[hostId, at]]) };
    open.set(key, begun);
    all.push(begun);
  }
  return all;
}

const order = new Map(facetNames.map((facet, at) => [facet, at]));
const byName = new Intl.Collator('en', { numeric: true });

function eventOf(
  steps: readonly [Step, ...Step[]],
  hostOf: (id: string) => ChangingHost | null,
): ChangeEvent {
  const sorted = steps.toSorted((a, b) => (order.get(a.facet) ?? 0) - (order.get(b.facet) ?? 0));
  const at = steps.map((step) => step.at).toSorted()[0] ?? steps[0].at;
  const firstAt = new Map<string, string>();
  for (const { hosts } of steps)
    for (const [id, seen] of hosts) {
      const before = firstAt.get(id);
      if (before === undefined || seen < before) firstAt.set(id, seen);
    }
  const hosts = [...firstAt].map(([id, seen]) => {
    const { hostname, group } = hostOf(id) ?? { hostname: id, group: '' };
    return { id, hostname, group, at: seen };
  });
  const [first = steps[0]] = sorted;
  return {
    id: `${at}-${first.facet}-${hosts.map(({ id }) => id).toSorted()[0] ?? ''}`,
    at,
    until:
      steps
        .map((step) => step.until)
        .toSorted()
        .at(-1) ?? at,
    cause: causeOfChanges(sorted.map(({ facet }) => facet)),
    changes: sorted.map(({ facet, from, to }) => ({ facet, from, to })),
    hosts: hosts.toSorted((a, b) => byName.compare(a.hostname, b.hostname)),
  };
}

/** By time, and the same every time for those of one moment. */
const orderOf = ({ at, hostId, facet, from, to }: FacetChange): string =>
  JSON.stringify([at, hostId, facet, from, to]);

/**
 * Joins changes to events: the same step on several hosts is one, and steps of other facets on the very same hosts at
 * the same time belong to it. `changes` in any order; the newest event first.
 */
export function groupChanges(
  changes: readonly FacetChange[],
  hostOf: (hostId: string) => ChangingHost | null,
): readonly ChangeEvent[] {
  const steps = stepsOf(changes.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)));
  const events: [Step, ...Step[]][] = [];
  const open = new Map<string, [Step, ...Step[]]>();
  for (const step of steps) {
    const key = [...step.hosts.keys()].toSorted().join();
    const event = open.get(key);
    const isNear = event !== undefined && Date.parse(step.at) - Date.parse(event[0].at) <= togetherMillis;
    if (event !== undefined && isNear && !event.some(({ facet }) => facet === step.facet)) {
      event.push(step);
      continue;
    }
    const begun: [Step, ...Step[]] = [step];
    open.set(key, begun);
    events.push(begun);
  }
  return events
    .map((event) => eventOf(event, hostOf))
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? -1 : 1));
}
