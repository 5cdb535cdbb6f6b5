import type { HostSummary, Labelled } from '../../lib/model/index.ts';

/** What a page needs of hosts that it does not show itself: by what they are chosen and grouped. */
export interface HostTags extends Labelled {
  readonly id: string;
  readonly gpus: readonly never[];
}

/** What the server renders for useHostTags(). */
export const hostTagsOf = (hosts: readonly HostSummary[]): readonly HostTags[] =>
  hosts.map(({ id, group, labels }) => ({ id, group, labels, gpus: [] }));

/** A parameter of a page's address that may be repeated. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
