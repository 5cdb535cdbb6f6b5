import { z } from 'zod';
import {
  compatAnswerSchema,
  compatCheckSchema,
  compatPlanRequestSchema,
  compatPlanSchema,
  compatViewSchema,
  containerVerdictSchema,
} from '../../openapi/compat-schemas.ts';
import { checkCompat } from '../../operations/check-compat.ts';
import { getCompat } from '../../operations/get-compat.ts';
import { getContainerVerdict } from '../../operations/get-container-verdict.ts';
import { planCompat } from '../../operations/plan-compat.ts';
import { defined, listParameters, noParameters, readParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const compatParameters = z.strictObject({
  q: z.string().max(200).optional().meta({ description: 'Words that must all be found in the image.' }),
  group: listParameters.shape.group,
  label: listParameters.shape.label,
});

const verdictParameters = z.strictObject({
  host: z.string().min(1).max(64).meta({ description: 'Id of its host.' }),
});

export const compatRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/compat',
    role: 'viewer',
    summary: 'Which images can use CUDA on which groups of hosts, and the verdict of all that runs or failed',
    parameters: compatParameters,
    body: null,
    answer: { name: 'Compat', schema: compatViewSchema },
    run: ({ actor, context, search }) =>
      getCompat(actor, context, defined(readParameters(compatParameters, search))),
  },
  {
    method: 'GET',
    path: '/api/v1/containers/{id}/compat',
    role: 'viewer',
    summary: "One container's verdict with its reasons, and where it would run now",
    parameters: verdictParameters,
    body: null,
    answer: { name: 'ContainerVerdict', schema: containerVerdictSchema },
    run: ({ actor, context, id, search }) =>
      getContainerVerdict(actor, context, { hostId: readParameters(verdictParameters, search).host, id }),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/compat/check',
    role: 'viewer',
    summary: 'Which hosts can run an image, a requirement or a CUDA version, why, and what would help',
    parameters: noParameters,
    body: { name: 'CompatCheck', schema: compatCheckSchema },
    answer: { name: 'CompatAnswer', schema: compatAnswerSchema },
    run: ({ actor, context, body }) => checkCompat(actor, context, body),
  }),
  withBody({
    method: 'POST',
    path: '/api/v1/compat/plan',
    role: 'viewer',
    summary:
      'What another driver or toolkit would do to hosts, and the oldest supported driver for all there',
    parameters: noParameters,
    body: { name: 'CompatPlanRequest', schema: compatPlanRequestSchema },
    answer: { name: 'CompatPlan', schema: compatPlanSchema },
    run: ({ actor, context, body }) => planCompat(actor, context, body),
  }),
];
