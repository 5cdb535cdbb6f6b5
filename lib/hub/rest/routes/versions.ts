import { z } from 'zod';
import { labelValueFault, longestFacetValue } from '../../../model/index.ts';
import { baselineSchema, facetSchema, versionsSchema } from '../../openapi/versions-schemas.ts';
import { clearBaseline } from '../../operations/clear-baseline.ts';
import { getVersions } from '../../operations/get-versions.ts';
import { setBaseline } from '../../operations/set-baseline.ts';
import { defined, listParameters, noParameters, readParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const group = z.string().min(1).max(255).meta({ description: 'Group of hosts, as /api/v1/hosts names it.' });
const facet = facetSchema.meta({ description: 'What of the software.' });

const versionsParameters = z.strictObject({
  q: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Words that must all be found: hostname, id, group, version, label key=value.' }),
  group: listParameters.shape.group,
  label: listParameters.shape.label,
  facet: facet.optional().meta({ description: 'Baselines and drift of this one only.' }),
  hosts: z.enum(['all', 'none']).optional().meta({ description: '`none` leaves `hosts` and `drift` empty.' }),
});

const baselineParameters = z.strictObject({ group, facet });

const version = z
  .string()
  .trim()
  .min(1)
  .max(longestFacetValue)
  .superRefine((value, check) => {
    const fault = labelValueFault(value);
    if (fault !== null) check.addIssue({ code: 'custom', message: `It ${fault}.` });
  });

export const versionsRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/versions',
    role: 'viewer',
    summary: 'Driver, CUDA, toolkit, runtime and kernel by group and host, baselines, and who differs',
    parameters: versionsParameters,
    body: null,
    answer: { name: 'Versions', schema: versionsSchema },
    run: ({ actor, context, search }) =>
      getVersions(actor, context, defined(readParameters(versionsParameters, search))),
  },
  withBody({
    method: 'PUT',
    path: '/api/v1/baselines',
    role: 'operator',
    summary: 'Accepts a version for a facet of a group; null accepts the inferred one',
    parameters: noParameters,
    body: {
      name: 'BaselineChange',
      schema: z.strictObject({ group, facet, value: version.nullable() }),
    },
    answer: { name: 'Baseline', schema: baselineSchema },
    run: ({ actor, context, body }) => setBaseline(actor, context, body),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/baselines',
    role: 'operator',
    summary: 'Forgets the accepted and the inferred baseline of a facet of a group',
    parameters: baselineParameters,
    body: null,
    answer: null,
    run: ({ actor, context, search }) =>
      clearBaseline(actor, context, readParameters(baselineParameters, search)),
  },
];
