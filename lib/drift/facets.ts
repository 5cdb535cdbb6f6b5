import { type FacetName, type FacetReading, facetNames } from '../model/index.ts';
import { gpuReaders } from './readers/gpus.ts';
import { stackReaders } from './readers/stack.ts';
import type { Readers, ReportedStack } from './reading.ts';

/** The readers, one a facet: what is compared over the fleet, and where each comes from. */
const readers: Readers<FacetName> = { ...stackReaders, ...gpuReaders };

/** Every facet as one host tells it. */
export function readFacets(report: ReportedStack): Readonly<Record<FacetName, FacetReading>> {
  const entries = facetNames.map((name) => [name, readers[name](report)]);
  return Object.fromEntries(entries) as Record<FacetName, FacetReading>;
}
