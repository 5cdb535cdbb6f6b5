/**
 * Where a label comes from, weakest first: `agent --label`, the host's labels.yaml, Kubernetes, Slurm, the hub (set
 * on a page, by the API or by the enrolment token), the hub's fleet file.
 */
export const agentLabelSources = ['agent', 'labels-file', 'kubernetes', 'slurm'] as const;
export type AgentLabelSource = (typeof agentLabelSources)[number];
export const labelSources = [...agentLabelSources, 'hub', 'fleet-file'] as const;
export type LabelSource = (typeof labelSources)[number];

/** What an agent says; a newer agent's source that is not known here counts as the agent itself. */
export const agentLabelSource = (told: string | undefined): AgentLabelSource =>
  agentLabelSources.find((source) => source === told) ?? 'agent';

export interface HostLabel {
  readonly key: string;
  readonly value: string;
  readonly source: LabelSource;
}

/** The label that names a host's group. */
export const groupLabel = 'group';
/** Of one source of one host. */
export const mostHostLabels = 64;
export const longestHostLabelKey = 63;
export const longestHostLabelValue = 255;

/** Labels of several sources as one list by key, the strongest last; and what each key had from weaker ones. */
export function mergeLabels(weakestFirst: readonly HostLabel[]): {
  readonly labels: readonly HostLabel[];
  readonly hidden: readonly HostLabel[];
} {
  const strongest = new Map(weakestFirst.map((label) => [label.key, label]));
  const byKey = (a: HostLabel, b: HostLabel) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return {
    labels: [...strongest.values()].sort(byKey),
    hidden: weakestFirst.filter((label) => strongest.get(label.key) !== label).sort(byKey),
  };
}

/** What is wrong with a label's key, as the end of a sentence; null when nothing is. */
export function labelKeyFault(key: string): string | null {
  if (key === '') return 'is empty';
  if (key.length > longestHostLabelKey) return `is longer than ${longestHostLabelKey} characters`;
  if (!/^[A-Za-z][\w.\-/]*$/.test(key))
    return 'must begin with a letter, and then has letters, digits and _ . - /';
  return null;
}

/** What is wrong with a label's value, as the end of a sentence; null when nothing is. */
export function labelValueFault(value: string): string | null {
  if (value.length > longestHostLabelValue) return `is longer than ${longestHostLabelValue} characters`;
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) return 'has a line break or another control character';
  return value.isWellFormed() ? null : 'is not valid text';
}
