import type { HostLabel } from './labels.ts';

/** What of a host a filter looks at. */
export interface Labelled {
  readonly group: string;
  readonly labels: readonly HostLabel[];
}

/** Of several groups, and of several values of one key, any; of several keys, all. */
export interface HostFilter {
  readonly groups: ReadonlySet<string>;
  /** Values wanted by key; null: any value. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string> | null>;
}

/** From texts such as `rack=a1`, or `rack` for every host that has the label. */
export function readHostFilter(groups: readonly string[], labels: readonly string[]): HostFilter {
  const wanted = new Map<string, Set<string> | null>();
  for (const text of labels) {
    const at = text.indexOf('=');
    const key = at < 0 ? text : text.slice(0, at);
    const before = wanted.get(key);
    if (at < 0) wanted.set(key, null);
    else if (before === undefined) wanted.set(key, new Set([text.slice(at + 1)]));
    else before?.add(text.slice(at + 1));
  }
  return { groups: new Set(groups), labels: wanted };
}

export const filtersNothing = (filter: HostFilter): boolean =>
  filter.groups.size === 0 && filter.labels.size === 0;

export function matchesHostFilter(host: Labelled, filter: HostFilter): boolean {
  if (filter.groups.size > 0 && !filter.groups.has(host.group)) return false;
  for (const [key, values] of filter.labels) {
    const label = host.labels.find((each) => each.key === key);
    if (label === undefined || (values !== null && !values.has(label.value))) return false;
  }
  return true;
}

export const labelValueOf = (host: Labelled, key: string): string | null =>
  host.labels.find((label) => label.key === key)?.value ?? null;

/** How many hosts and GPUs have something. */
export interface LabelCount {
  readonly value: string;
  readonly hosts: number;
  readonly gpus: number;
}

/** Every group and label of the fleet, for choosing from; by name. */
export interface LabelCatalogue {
  readonly groups: readonly LabelCount[];
  readonly labels: readonly { readonly key: string; readonly values: readonly LabelCount[] }[];
}

const collator = new Intl.Collator('en', { numeric: true });
type Counts = Map<string, { hosts: number; gpus: number }>;

function count(counts: Counts, value: string, gpus: number): void {
  const before = counts.get(value) ?? { hosts: 0, gpus: 0 };
  counts.set(value, { hosts: before.hosts + 1, gpus: before.gpus + gpus });
}

const sorted = (counts: Counts): LabelCount[] =>
  [...counts]
    .map(([value, numbers]) => ({ value, ...numbers }))
    .sort((a, b) => collator.compare(a.value, b.value));

export function labelCatalogue(
  hosts: Iterable<Labelled & { readonly gpus: readonly unknown[] }>,
): LabelCatalogue {
  const groups: Counts = new Map();
  const labels = new Map<string, Counts>();
  for (const host of hosts) {
    count(groups, host.group, host.gpus.length);
    for (const { key, value } of host.labels) {
      const values: Counts = labels.get(key) ?? new Map();
      labels.set(key, values);
      count(values, value, host.gpus.length);
    }
  }
  return {
    groups: sorted(groups),
    labels: [...labels]
      .sort(([a], [b]) => collator.compare(a, b))
      .map(([key, values]) => ({ key, values: sorted(values) })),
  };
}
