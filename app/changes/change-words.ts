import { type ChangeCause, type ChangeEvent, type FacetName, facetShapes } from '../../lib/model/index.ts';
import { plural } from '../format/index.ts';

/** What happened, at the beginning of a line. */
export const causeWords: Readonly<Record<ChangeCause, string>> = {
  kernel: 'Another kernel was booted',
  driver: 'Another driver was loaded',
  packages: 'Packages were changed',
  hardware: 'Hardware changed',
  settings: 'Settings changed',
  agent: 'The agent was changed',
};

export const eventWords = ({ cause, hosts }: ChangeEvent): string =>
  `${causeWords[cause]} on ${hosts.length === 1 ? (hosts[0]?.hostname ?? 'a host') : plural(hosts.length, 'host')}`;

/** For a mark in a chart: `driver 580.95.05 → 595.71.05`, and what else changed with it only counted. */
export function markWords({ changes }: ChangeEvent): string {
  const [first] = changes;
  if (first === undefined) return '';
  const { words } = facetShapes[first.facet];
  const rest = changes.length === 1 ? '' : ` +${changes.length - 1}`;
  return `${words} ${first.from ?? 'none'} → ${first.to ?? 'none'}${rest}`;
}

export const changesHref = (query: Readonly<Record<string, string>>): string =>
  `/changes?${new URLSearchParams(query)}`;

export const isFacet = (text: string): text is FacetName => Object.hasOwn(facetShapes, text);

/** How far back the page looks, by the word in its address; the first is the usual. */
export const spans = { '7d': 7, '24h': 1, '30d': 30, '400d': 400 } as const;
export type SpanName = keyof typeof spans;
export const spanNames = Object.keys(spans) as [SpanName, ...SpanName[]];
export const spanWords: Readonly<Record<SpanName, string>> = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '400d': 'all',
};
