import { z } from 'zod';
import { longestPauseReason, longestPauseSeconds, usualPauseSeconds } from '../../../model/index.ts';
import { listPauses, pauseHosts, resumeHosts } from '../../operations/pause-hosts.ts';
import { noParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const mostHosts = 5000;

const selection = {
  hosts: z
    .array(z.string().min(1).max(64))
    .max(mostHosts)
    .default([])
    .meta({ description: 'Ids of hosts, or their names.' }),
  groups: z
    .array(z.string().min(1).max(256))
    .max(mostHosts)
    .default([])
    .meta({ description: 'Groups; all their hosts.' }),
};

const pausesSchema = z.object({
  pauses: z.array(
    z.object({
      hostId: z.string(),
      hostname: z.string(),
      id: z.string(),
      askedAt: z.iso.datetime(),
      until: z.iso.datetime(),
      by: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});

export const pauseRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/pauses',
    role: 'viewer',
    summary: 'Hosts that are asked to let go of their GPUs, by hostname',
    parameters: noParameters,
    body: null,
    answer: { name: 'Pauses', schema: pausesSchema },
    run: ({ actor, context }) => listPauses(actor, context),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/pauses',
    role: 'operator',
    summary: 'Asks agents to let go of their GPUs for a time, at their next push',
    parameters: noParameters,
    body: {
      name: 'NewPause',
      schema: z.strictObject({
        ...selection,
        forSeconds: z.number().min(1).max(longestPauseSeconds).default(usualPauseSeconds),
        reason: z
          .string()
          .trim()
          .max(longestPauseReason)
          .nullable()
          .default(null)
          .transform((text) => text || null),
      }),
    },
    answer: { name: 'Pauses', schema: pausesSchema },
    run: ({ actor, context, body }) => pauseHosts(actor, context, body),
  }),
  withBody({
    method: 'POST',
    path: '/api/v1/pauses/end',
    role: 'operator',
    summary: 'Has agents read their GPUs again; one that was paused on its host stays so',
    parameters: noParameters,
    body: { name: 'PauseSelection', schema: z.strictObject(selection) },
    answer: { name: 'Resumed', schema: z.object({ resumed: z.array(z.string()) }) },
    run: ({ actor, context, body }) => resumeHosts(actor, context, body),
  }),
];
