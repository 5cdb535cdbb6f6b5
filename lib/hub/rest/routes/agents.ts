import { z } from 'zod';
import { agentsSchema, rolloutSchema } from '../../openapi/agent-schemas.ts';
import { getAgents } from '../../operations/get-agents.ts';
import { startRollout, stopRollout } from '../../operations/start-rollout.ts';
import { noParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const rolloutBody = z.strictObject({
  hosts: z
    .array(z.string().max(64))
    .max(5000)
    .nullable()
    .default(null)
    .meta({ description: 'Ids; null: every host.' }),
  firstHosts: z.int().min(1).max(1000).default(1).meta({ description: 'Upgraded before all others.' }),
  batchSize: z.int().min(1).max(10_000).default(10),
  trialSeconds: z
    .number()
    .min(5)
    .max(3600)
    .default(120)
    .meta({ description: 'An agent whose report is not accepted for so long goes back to the one before.' }),
});

export const agentRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/agents',
    role: 'viewer',
    summary: 'What agent each host runs, and upgrades of agents',
    parameters: noParameters,
    body: null,
    answer: { name: 'Agents', schema: agentsSchema },
    run: ({ actor, context }) => getAgents(actor, context),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/agent-rollouts',
    role: 'admin',
    summary: 'Upgrades agents to the one that this hub has: some hosts first, then batches',
    parameters: noParameters,
    body: { name: 'NewRollout', schema: rolloutBody },
    answer: { name: 'Rollout', schema: rolloutSchema },
    run: ({ actor, context, body }) => startRollout(actor, context, body),
  }),
  {
    method: 'POST',
    path: '/api/v1/agent-rollouts/{id}/stop',
    role: 'admin',
    summary: 'Ends an upgrade early; hosts on their way finish by themselves',
    parameters: noParameters,
    body: null,
    answer: { name: 'Rollout', schema: rolloutSchema },
    run: ({ actor, context, id }) => stopRollout(actor, context, id),
  },
];
