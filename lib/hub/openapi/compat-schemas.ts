import { z } from 'zod';
import {
  type CompatCheckAnswer,
  type CompatPlanView,
  type CompatView,
  type ContainerVerdict,
  injections,
  type JudgedContainer,
  type Verdict,
  verdictKinds,
} from '../../model/index.ts';
import { exitSchema } from '../../protocol/index.ts';
import type { Describes } from './describes.ts';

const count = z.int().min(0);
const text = z.string().nullable();
const kind = z.enum(verdictKinds);
const way = z.enum(['native', 'minor-version', 'forward-compat']).nullable();
const layer = z.enum(['driver', 'gpu', 'toolkit', 'container']);
const injection = z.enum(injections);
const confidence = z.enum(['high', 'medium', 'low']);

export const containerCompatSchema = z.object({
  verdict: kind,
  way,
  layer: layer.nullable(),
  text: z.string(),
  errorText: text,
  fixes: z.array(z.string()),
  missing: z.array(z.string()),
  isContradicted: z.boolean(),
});

export const judgedContainerSchema = z.object({
  id: z.string(),
  name: text,
  image: text,
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  exit: exitSchema.nullable(),
  compat: containerCompatSchema,
});

const fact = z.string();

export const verdictSchema = z.object({
  verdict: kind,
  way,
  reasons: z.array(
    z.object({
      text: z.string(),
      rule: z.string(),
      source: z.string(),
      confidence,
      layer,
      outcome: z.enum(['fine', 'limits', 'stops', 'unknown']),
      facts: z.array(fact),
    }),
  ),
  limits: z.array(z.string()),
  errorText: text,
  fixes: z.array(z.looseObject({ kind: z.string(), text: z.string() })),
  missing: z.array(z.object({ fact, text: z.string() })),
  confidence,
});

const hostView = z.object({
  id: z.string(),
  hostname: z.string(),
  group: z.string(),
  freeGpus: count.nullable(),
});
const imageView = z.object({
  reference: z.string(),
  digest: text,
  from: z.enum(['fleet', 'registry']),
});
const byVerdict = z.record(kind, count);
const requirement = z.object({ name: z.string(), value: z.string() });
const versions = z.array(z.object({ version: z.string(), hosts: count }));

export const compatViewSchema = z.object({
  serverTime: z.iso.datetime(),
  dataAsOf: z.string(),
  groups: z.array(
    z.object({
      group: z.string(),
      hosts: count,
      silentHosts: count,
      drivers: versions,
      toolkits: versions,
      gpus: z.array(z.string()),
      injections: z.array(injection),
    }),
  ),
  images: z.array(
    z.object({
      reference: z.string(),
      imageId: text,
      cuda: text,
      cudaFrom: text,
      requirements: z.array(requirement),
      running: count,
      failed: count,
      cells: z.array(
        z.object({
          group: z.string(),
          hostsByVerdict: byVerdict,
          verdict: kind.nullable(),
          way,
          containers: count,
        }),
      ),
    }),
  ),
  containers: z.array(judgedContainerSchema),
});

export const containerVerdictSchema = z.object({
  container: judgedContainerSchema,
  image: imageView.nullable(),
  verdict: verdictSchema,
  elsewhere: z.array(hostView),
});

const version = (what: string) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,2}\.\d{1,2}(?:\.\d{1,3})?$/, `${what} such as 12.8`);

const toolkitVersion = z
  .string()
  .trim()
  .regex(/^\d{1,2}\.\d{1,3}\.\d{1,3}/, 'A version such as 1.17.8')
  .max(64);

const selection = {
  group: z.array(z.string().max(256)).max(50).optional(),
  label: z.array(z.string().min(1).max(400)).max(50).optional(),
};

/** Body of POST /api/v1/compat/check. */
export const compatCheckSchema = z
  .strictObject({
    image: z.string().trim().min(1).max(500).optional(),
    require: z.string().trim().min(1).max(8192).optional(),
    cuda: version('A CUDA version').optional(),
    compat: z
      .string()
      .trim()
      .regex(/^(?:none|\d{1,2}\.\d{1,2})$/, '`none`, or a CUDA version such as 12.8')
      .optional(),
    driverCapabilities: z.string().trim().max(512).optional(),
    injection: injection.optional(),
    toolkit: toolkitVersion.optional(),
    ...selection,
  })
  .refine(
    ({ image, require, cuda }) => image !== undefined || require !== undefined || cuda !== undefined,
    'At least one of image, require and cuda.',
  );

export const compatContainerSchema = z.object({
  cuda: z.object({ version: z.string(), from: z.string() }).nullable(),
  cudaVersionVariable: text,
  requirements: z.array(requirement),
  disableRequire: text,
  compatPackage: z
    .union([
      z.literal('none'),
      z.object({
        cudaVersion: text,
        driverVersion: text,
        driverBranches: z.array(z.int()).nullable(),
        isUsed: z.boolean().nullable(),
      }),
    ])
    .nullable(),
  driverCapabilities: text,
  injection: injection.nullable(),
  hasPtx: z.boolean().nullable(),
});

export const compatAnswerSchema = z.object({
  image: imageView.nullable(),
  container: compatContainerSchema,
  hostsByVerdict: byVerdict,
  outcomes: z.array(z.object({ verdict: verdictSchema, hosts: z.array(hostView) })),
});

const driverVersion = z
  .string()
  .trim()
  .regex(/^\d{3}(?:\.\d{1,3}){1,2}$/, 'A driver version such as 580.95.05');

/** Body of POST /api/v1/compat/plan. */
export const compatPlanRequestSchema = z.strictObject({
  driver: driverVersion.optional(),
  toolkit: toolkitVersion.optional(),
  ...selection,
});

const planned = z.object({
  id: z.string(),
  name: text,
  image: text,
  hostId: z.string(),
  hostname: z.string(),
  group: z.string(),
  before: containerCompatSchema,
  after: containerCompatSchema,
});
const support = z
  .object({
    branch: z.int(),
    kind: z.enum(['long-term support', 'production', 'new feature']).nullable(),
    supportedUntil: text,
    isOver: z.boolean().nullable(),
    source: z.string(),
  })
  .nullable();
const vulnerability = z.object({
  cve: z.string(),
  cvss: z.number(),
  bulletin: z.string(),
  of: z.enum(['driver', 'toolkit']),
  fixedIn: text,
  condition: text,
});

export const compatPlanSchema = z.object({
  change: z.object({ driver: text, toolkit: text }),
  hosts: count,
  containers: count,
  starts: z.array(planned),
  stops: z.array(planned),
  differs: z.array(planned),
  unknown: count,
  notes: z.array(
    z.object({
      kind: z.string(),
      text: z.string(),
      source: z.string(),
      hostIds: z.array(z.string()),
      hostnames: z.array(z.string()),
    }),
  ),
  support,
  closed: z.array(vulnerability),
  left: z.array(vulnerability),
  oldest: z.object({ driver: text, support, blockers: z.array(planned), unknown: count }),
});

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsCompat: readonly [
  Describes<typeof verdictSchema, Verdict>,
  Describes<typeof judgedContainerSchema, JudgedContainer>,
  Describes<typeof compatViewSchema, CompatView>,
  Describes<typeof containerVerdictSchema, ContainerVerdict>,
  Describes<typeof compatAnswerSchema, CompatCheckAnswer>,
  Describes<typeof compatPlanSchema, CompatPlanView>,
] = [true, true, true, true, true, true];
