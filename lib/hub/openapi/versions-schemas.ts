import { z } from 'zod';
import {
  type Baseline,
  type ChangesView,
  changeCauses,
  type FacetName,
  facetNames,
  stackIssueKinds,
  type VersionsView,
} from '../../model/index.ts';
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
  peers: count,
  fix: z.array(z.string()),
});

const issueGroup = z.object({
  kind: z.enum(stackIssueKinds),
  severity: z.enum(['critical', 'warning', 'info']),
  facet: facetSchema,
  what: z.string(),
  why: z.string(),
  fix: z.array(z.string()),
  cves: z.array(z.string()),
  closedBy: text,
  hosts: z.array(
    z.object({ id: z.string(), hostname: z.string(), group: z.string(), since: time.nullable() }),
  ),
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
  issues: z.array(issueGroup),
  hosts: z.array(host),
});

const change = z.object({ facet: facetSchema, from: text, to: text });

export const changesSchema = z.object({
  serverTime: time,
  from: time,
  to: time,
  events: z.array(
    z.object({
      id: z.string(),
      at: time,
      until: time,
      cause: z.enum(changeCauses),
      changes: z.array(change),
      hosts: z.array(z.object({ id: z.string(), hostname: z.string(), group: z.string(), at: time })),
    }),
  ),
  changes: count,
  isCut: z.boolean(),
});

export const fleetFileSchema = z.object({ path: text, text: z.string() });

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsVersions: readonly [
  Describes<typeof versionsSchema, VersionsView>,
  Describes<typeof baselineSchema, Baseline>,
  Describes<typeof changesSchema, ChangesView>,
] = [true, true, true];
