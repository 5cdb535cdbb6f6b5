import { z } from 'zod';
import { longestOwnerKey, notTold, wasteGroupings } from '../../../model/index.ts';
import { ownerDetailSchema, ownerRowSchema, wasteSchema } from '../../openapi/owner-schemas.ts';
import { pageSchema } from '../../openapi/schemas.ts';
import { getOwner } from '../../operations/get-owner.ts';
import { getWaste } from '../../operations/get-waste.ts';
import { listOwners } from '../../operations/list-owners.ts';
import { defined, listParameters, readParameters } from '../parameters.ts';
import type { RestRoute } from '../route.ts';

const exact = (what: string) =>
  z
    .string()
    .max(1024)
    .optional()
    .meta({ description: `${what}; \`${notTold}\`: those that tell none.` });

const ownersParameters = listParameters.extend({
  host: z.string().max(256).optional().meta({ description: 'Hostname or host id.' }),
  runtime: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'Engine of a container, or `pod`, `slurm`, `unit`, `user`, `process`.' }),
  image: exact('Image, whole'),
  person: exact('Person'),
  namespace: exact('Namespace'),
});

const ownerParameters = z.strictObject({
  key: z.string().min(1).max(longestOwnerKey).meta({
    description: 'Id of a container (12 digits are enough while it is there), or key of another owner.',
  }),
});

const wasteParameters = z.strictObject({
  month: z.string().max(7).optional().meta({ description: '`YYYY-MM`, of UTC; left out: this month.' }),
  by: z.enum(wasteGroupings).optional().meta({ description: 'What rows are added up by; default `owner`.' }),
  idle: z
    .string()
    .regex(/^\d{1,6}$/, 'A whole number.')
    .transform(Number)
    .optional()
    .meta({
      description: "Seconds without work until time counts as idle, 60 to 86400; default: the hub's.",
    }),
  group: listParameters.shape.group,
  label: listParameters.shape.label,
});

export const ownerRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/owners',
    role: 'viewer',
    summary: 'Who uses GPUs or was granted some: containers, pods, jobs, units, users; by hostname and name',
    parameters: ownersParameters,
    body: null,
    answer: { name: 'OwnerPage', schema: pageSchema(ownerRowSchema) },
    run: ({ actor, context, search }) =>
      listOwners(actor, context, defined(readParameters(ownersParameters, search))),
  },
  {
    method: 'GET',
    path: '/api/v1/hosts/{id}/owner',
    role: 'viewer',
    summary: 'One container or other owner of a host, also after it ended',
    parameters: ownerParameters,
    body: null,
    answer: { name: 'OwnerDetail', schema: ownerDetailSchema },
    run: ({ actor, context, id, search }) =>
      getOwner(actor, context, { hostId: id, key: readParameters(ownerParameters, search).key }),
  },
  {
    method: 'GET',
    path: '/api/v1/waste',
    role: 'viewer',
    summary: "What the GPUs' time of a month went to: granted, used, idle, energy, cost",
    parameters: wasteParameters,
    body: null,
    answer: { name: 'Waste', schema: wasteSchema },
    run: ({ actor, context, search }) => {
      const { idle, ...rest } = readParameters(wasteParameters, search);
      return getWaste(actor, context, defined({ ...rest, idleAfterSeconds: idle }));
    },
  },
];
