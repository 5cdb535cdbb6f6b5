import { z } from 'zod';
import { rolloutHostStates } from '../../model/index.ts';

const time = z.iso.datetime();

const rolloutHostSchema = z.object({
  hostId: z.string(),
  hostname: z.string(),
  batch: z.int().meta({ description: 'From 0: the first hosts.' }),
  state: z.enum(rolloutHostStates),
  fromVersion: z.string().nullable(),
  detail: z.string().nullable(),
  at: time.nullable(),
});

export const rolloutSchema = z.object({
  id: z.string(),
  serial: z.int(),
  version: z.string(),
  sha256: z.string(),
  sizeBytes: z.int(),
  signature: z.string(),
  trialSeconds: z.number(),
  firstHosts: z.int(),
  batchSize: z.int(),
  createdAt: time,
  createdBy: z.string(),
  state: z.enum(['running', 'done', 'failed', 'stopped']),
  endedAt: time.nullable(),
  why: z.string().nullable(),
  hosts: z.array(rolloutHostSchema),
});

export const agentsSchema = z.object({
  offered: z
    .object({ version: z.string(), sha256: z.string(), sizeBytes: z.int() })
    .nullable()
    .meta({ description: 'The agent that this hub has to give; null when none is built.' }),
  agents: z.array(
    z.object({
      hostId: z.string(),
      hostname: z.string(),
      group: z.string(),
      isReporting: z.boolean(),
      version: z.string().nullable(),
      sha256: z.string().nullable(),
      canUpgrade: z.boolean(),
      isCurrent: z.boolean(),
      isSimulated: z.boolean(),
      access: z.string().nullable(),
    }),
  ),
  rollouts: z.array(rolloutSchema),
});
