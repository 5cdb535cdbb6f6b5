import { z } from 'zod';
import { type Baseline, type FacetName, facetNames, type VersionsView } from '../../model/index.ts';
import type { Describes } from './schemas.ts';

const count = z.int().min(0);
const text = z.string().nullable();
const time = z.iso.datetime();
export const facetSchema = z.enum(facetNames);
const kind = z.enum(['declared', 'accepted', 'inferred']);

export const baselineSchema = z.object({
  group: z.string(),
  facet: facetSchema,
  value: z.string(),
  kind,
  since: time,
  by: text,
});

const cell = z.object({
  facet: facetSchema,
  baseline: baselineSchema.nullable(),
  told: count,
  agree: count,
  differ: count,
  absent: count,
  unknown: count,
  silent: count,
  values: z.array(z.object({ value: z.string(), hosts: count, oldHosts: count })),
});

const finding = z.object({
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  facet: facetSchema,
  expected: z.string(),
  actual: z.string(),
  previous: text,
  since: time,
  baseline: kind,
});

const hostFacet = z.object({
  value: text,
  missing: z.enum(['absent', 'unknown']).nullable(),
  reason: z.string(),
  note: text,
  toldAt: time.nullable(),
  since: time.nullable(),
  previous: text,
});

const host = z.object({
  id: z.string(),
  hostname: z.string(),
  group: z.string(),
  reporting: z.boolean(),
  facets: z.object(
    Object.fromEntries(facetNames.map((facet) => [facet, hostFacet])) as Record<FacetName, typeof hostFacet>,
  ),
});

export const versionsSchema = z.object({
  serverTime: time,
  revision: z.string(),
  groups: z.array(z.object({ group: z.string(), hosts: count, cells: z.array(cell) })),
  baselines: z.array(baselineSchema),
  drift: z.array(finding),
  hosts: z.array(host),
});

export const fleetFileSchema = z.object({ path: text, text: z.string() });

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsVersions: readonly [
  Describes<typeof versionsSchema, VersionsView>,
  Describes<typeof baselineSchema, Baseline>,
] = [true, true];
