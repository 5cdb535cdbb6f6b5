import { z } from 'zod';
import type { CaptureView, ExplainedError } from '../../model/index.ts';
import type { Describes } from './schemas.ts';

const text = z.string().nullable();

export const captureSchema = z.object({
  state: z.enum(['none', 'asked', 'ready', 'failed']),
  askedAt: text,
  askedBy: text,
  bytes: z.int().nullable(),
  path: text,
  expiresAt: text,
  message: text,
});

export const explainedErrorSchema = z.object({
  slug: z.string(),
  title: z.string(),
  says: z.array(z.string()),
  cause: z.string(),
  fix: z.array(z.string()),
  source: z.string(),
  basis: z.enum(['printed', 'documented', 'reported']),
  asked: text,
  hostsAre: z.string(),
  hosts: z.array(z.object({ id: z.string(), hostname: z.string(), group: z.string(), why: z.string() })),
  hostsInAll: z.int(),
});

/** Fails to compile when what is documented and what is answered drift apart. */
export const documentsTroubles: readonly [
  Describes<typeof captureSchema, CaptureView>,
  Describes<typeof explainedErrorSchema, ExplainedError>,
] = [true, true];
