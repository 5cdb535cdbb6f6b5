import {
  type BaselineKind,
  type FacetName,
  type FacetShape,
  facetNames,
  facetShapes,
} from '../../lib/model/index.ts';

const perFacet = (read: (shape: FacetShape) => string) =>
  Object.fromEntries(facetNames.map((facet) => [facet, read(facetShapes[facet])])) as Record<
    FacetName,
    string
  >;

/** Name of a facet at the beginning of a line, and within one. */
export const facetTitles: Readonly<Record<FacetName, string>> = perFacet(({ title }) => title);

/** Where the values come from, as one short line. */
export const facetSources: Readonly<Record<FacetName, string>> = perFacet(({ from }) => from);

export const kindWords: Readonly<Record<BaselineKind, string>> = {
  declared: 'declared',
  accepted: 'accepted',
  inferred: 'inferred',
};

/** What each kind of baseline means for whoever reads it. */
export const kindMeanings: Readonly<Record<BaselineKind, string>> = {
  declared: 'declared in the fleet file; a host that differs may alert',
  accepted: 'accepted by a person; a host that differs may alert',
  inferred:
    'what most hosts told when it was first seen; shown only, never alerts, and stays until someone decides',
};

/** `driver:h100` in the address; null for what names no cell. */
export function readCell(text: string): { readonly facet: FacetName; readonly group: string } | null {
  const at = text.indexOf(':');
  const facet = facetNames.find((name) => name === text.slice(0, at));
  return at < 0 || facet === undefined || at === text.length - 1
    ? null
    : { facet, group: text.slice(at + 1) };
}

export const cellKey = ({ facet, group }: { readonly facet: FacetName; readonly group: string }): string =>
  `${facet}:${group}`;
