import type { HostSummary, LabelCatalogue, Labelled } from '../../lib/model/index.ts';
import { labelValueOf } from '../../lib/model/index.ts';

/** `label:rack` groups by a label. */
export type LabelGrouping = `label:${string}`;

export const labelGrouping = (key: string): LabelGrouping => `label:${key}`;

/** The key that a grouping asks for; null when it groups by something else. */
export const groupingKey = (by: string): string | null => /^label:(.{1,63})$/.exec(by)?.[1] ?? null;

/** The heading under which a host stands. */
export const labelHeading = (host: Labelled, key: string): string => {
  const value = labelValueOf(host, key);
  return value === null ? `no label ${key}` : `${key}=${value}`;
};

/** Every label key of the fleet, by name. */
export function labelKeys(hosts: readonly Labelled[]): readonly string[] {
  const keys = new Set<string>();
  for (const host of hosts) for (const { key } of host.labels) keys.add(key);
  return [...keys].sort();
}

const texts = new WeakMap<HostSummary, string>();

/** What identifies a host, in lower case, made once for each state of it. */
export function hostText(host: HostSummary): string {
  const known = texts.get(host);
  if (known !== undefined) return known;
  const { hostname, id, group, state, driverVersion, cudaVersion, labels, gpus } = host;
  const text = [
    hostname,
    id,
    group,
    state,
    driverVersion ?? '',
    cudaVersion ?? '',
    ...labels.map((label) => `${label.key}=${label.value}`),
    ...gpus.flatMap((gpu) => [gpu.name ?? '', gpu.uuid]),
  ]
    .join(' ')
    .toLowerCase();
  texts.set(host, text);
  return text;
}

/** One thing to choose in the menu. */
export interface FilterOption {
  /** As it stands in the address: a group's name, or `key=value`. */
  readonly value: string;
  readonly words: string;
  readonly hosts: number;
}

export interface FilterSection {
  readonly title: string;
  readonly parameter: 'group' | 'label';
  readonly options: readonly FilterOption[];
  /** How many more there are than are shown. */
  readonly more: number;
}

const mostOptions = 30;

/** The menu's sections: groups, then each label; only what has the text, and of each the first thirty. */
export function filterSections(catalogue: LabelCatalogue, text: string): readonly FilterSection[] {
  const wanted = text.trim().toLowerCase();
  const cut = (
    title: string,
    parameter: FilterSection['parameter'],
    all: readonly FilterOption[],
  ): FilterSection => {
    const fitting = all.filter(({ words }) => `${title}=${words}`.toLowerCase().includes(wanted));
    const options = fitting.slice(0, mostOptions);
    return { title, parameter, options, more: fitting.length - options.length };
  };
  const sections = [
    cut(
      'group',
      'group',
      catalogue.groups.map(({ value, hosts }) => ({ value, words: value, hosts })),
    ),
    ...catalogue.labels
      .filter(({ key }) => key !== 'group')
      .map(({ key, values }) =>
        cut(
          key,
          'label',
          values.map(({ value, hosts }) => ({ value: `${key}=${value}`, words: value || '(empty)', hosts })),
        ),
      ),
  ];
  return sections.filter((section) => section.options.length > 0);
}
