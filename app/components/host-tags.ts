import type { HostSummary, Labelled } from '../../lib/model/index.ts';

/** What a page needs of hosts that it does not show itself: by what they are chosen and grouped. */
export interface HostTags extends Labelled {
  readonly id: string;
  readonly gpus: readonly unknown[];
}

/** What the server renders for useHostTags(). */
export const hostTagsOf = (hosts: readonly HostSummary[]): readonly HostTags[] =>
  hosts.map(({ id, group, labels }) => ({ id, group, labels, gpus: [] }));

/** Whether these are the same hosts in the same order, with the same groups, labels and numbers of GPUs. */
export const sameTags = (before: readonly HostTags[], now: readonly HostTags[]): boolean =>
  before.length === now.length && now.every((host, index) => isTaggedAs(before[index], host));

function isTaggedAs(before: HostTags | undefined, now: HostTags): boolean {
  if (before === undefined || before === now) return before === now;
  if (before.id !== now.id || before.group !== now.group || before.gpus.length !== now.gpus.length)
    return false;
  // Few and small, and a report brings them as new objects.
  return before.labels === now.labels || JSON.stringify(before.labels) === JSON.stringify(now.labels);
}

/** A parameter of a page's address that may be repeated. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
