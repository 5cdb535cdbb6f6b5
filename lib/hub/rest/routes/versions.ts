import { z } from 'zod';
import { labelValueFault, longestFacetValue, readExpectation } from '../../../model/index.ts';
import {
  baselineSchema,
  changesSchema,
  facetSchema,
  fleetFileSchema,
  versionsSchema,
} from '../../openapi/versions-schemas.ts';
import { clearBaseline } from '../../operations/clear-baseline.ts';
import { exportFleetFile } from '../../operations/export-fleet-file.ts';
import { getChanges } from '../../operations/get-changes.ts';
import { getVersions } from '../../operations/get-versions.ts';
import { setBaseline } from '../../operations/set-baseline.ts';
import { defined, listParameters, noParameters, rangeParameters, readParameters } from '../parameters.ts';
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

const changesParameters = z.strictObject({
  from: rangeParameters.shape.from.optional(),
  to: rangeParameters.shape.to.optional(),
  facet: z.array(facetSchema).max(64).optional().meta({ description: 'May be repeated: any of them.' }),
  host: z.string().max(64).optional().meta({ description: 'Id of one host.' }),
  q: listParameters.shape.q,
  group: listParameters.shape.group,
  label: listParameters.shape.label,
});

const fleetFileParameters = z.strictObject({
  inferred: z.enum(['true', 'false']).optional().meta({
    description: '`true` writes inferred baselines too; read back they are declared, and may alert.',
  }),
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
    const read = readExpectation(value);
    if (!read.ok) check.addIssue({ code: 'custom', message: `It ${read.fault}.` });
  });

export const versionsRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/versions',
    role: 'viewer',
    summary: 'Software and settings by group and host, baselines, and who differs',
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
    summary:
      'Accepts a value for a facet of a group, or a range such as `>=580.95 <590`, or `a | b`; null accepts the inferred one',
    parameters: noParameters,
    body: {
      name: 'BaselineChange',
      schema: z.strictObject({ group, facet, value: version.nullable() }),
    },
    answer: { name: 'Baseline', schema: baselineSchema },
    run: ({ actor, context, body }) => setBaseline(actor, context, body),
  }),
  {
    method: 'GET',
    path: '/api/v1/changes',
    role: 'viewer',
    summary: 'What of the software and settings changed on which hosts and when; seven days unless told',
    parameters: changesParameters,
    body: null,
    answer: { name: 'Changes', schema: changesSchema },
    run: ({ actor, context, search }) =>
      getChanges(actor, context, defined(readParameters(changesParameters, search))),
  },
  {
    method: 'GET',
    path: '/api/v1/fleet-file',
    role: 'viewer',
    summary: 'The fleet file with the baselines that were accepted on the page in it, as YAML in `text`',
    parameters: fleetFileParameters,
    body: null,
    answer: { name: 'FleetFile', schema: fleetFileSchema },
    run: ({ actor, context, search }) => {
      const { inferred } = readParameters(fleetFileParameters, search);
      return exportFleetFile(actor, context, { inferred: inferred === 'true' });
    },
  },
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
