import type { Fault } from '../model/index.ts';

/** What a GPU's own readings say is wrong; where and since when is for who knows. */
export type Finding = Pick<Fault, 'kind' | 'key' | 'severity' | 'title' | 'detail' | 'advice' | 'source'>;

/** One of a kind that a GPU has once at most. */
export const state = (
  kind: string,
  severity: Finding['severity'],
  [title, detail, advice]: readonly [string, string | null, string],
  source: string | null = null,
): Finding => ({ kind, key: kind, severity, title, detail, advice, source });
