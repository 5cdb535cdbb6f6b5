import { z } from 'zod';
import { claimKinds } from '../../../model/index.ts';
import { listClaims, listFormerNames } from '../../operations/list-claims.ts';
import { dismissClaim, keepBothHosts, releaseHostHere, replaceHost } from '../../operations/settle-claims.ts';
import { noParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const time = z.iso.datetime();
const claimsSchema = z.object({
  claims: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(claimKinds),
      hostId: z.string().nullable(),
      hostname: z.string().nullable(),
      peer: z.string(),
      firstAt: time,
      lastAt: time,
      count: z.int(),
    }),
  ),
  reinstalled: z.array(
    z.object({
      oldHost: z.object({ id: z.string(), hostname: z.string(), lastReportAt: time.nullable() }),
      newHost: z.object({ id: z.string(), hostname: z.string() }),
      hasSameName: z.boolean(),
      sharedGpus: z.int(),
    }),
  ),
  fleetFile: z.object({
    path: z.string().nullable(),
    loadedAt: time.nullable(),
    fault: z.object({ at: time, lines: z.array(z.string()) }).nullable(),
  }),
});
const oldHost = {
  name: 'OldHost',
  schema: z.strictObject({
    oldHost: z.string().min(1).max(64).meta({ description: 'Id of the host that is gone.' }),
  }),
};

export const claimRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/claims',
    role: 'viewer',
    summary: 'Agents that were refused as a host, hosts that look reinstalled, and faults of the fleet file',
    parameters: noParameters,
    body: null,
    answer: { name: 'Claims', schema: claimsSchema },
    run: ({ actor, context }) => listClaims(actor, context),
  },
  {
    method: 'DELETE',
    path: '/api/v1/claims/{id}',
    role: 'admin',
    summary: 'The refused machine is a duplicate: its claim is shown no more',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => dismissClaim(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/hosts/{id}/names',
    role: 'viewer',
    summary: 'What a host called itself before',
    parameters: noParameters,
    body: null,
    answer: {
      name: 'FormerNames',
      schema: z.object({ names: z.array(z.object({ hostname: z.string(), until: time })) }),
    },
    run: ({ actor, context, id }) => listFormerNames(actor, context, id),
  },
  {
    method: 'DELETE',
    path: '/api/v1/hosts/{id}/credential',
    role: 'admin',
    summary: 'Lets the next agent that enrols with this id have it; its credential is refused from now on',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => releaseHostHere(actor, context, id),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/hosts/{id}/replace',
    role: 'admin',
    summary: 'This host is another one set up anew: takes over its labels, and the old one is removed',
    parameters: noParameters,
    body: oldHost,
    answer: null,
    run: ({ actor, context, id, body }) => replaceHost(actor, context, { newId: id, oldId: body.oldHost }),
  }),
  withBody({
    method: 'POST',
    path: '/api/v1/hosts/{id}/keep-both',
    role: 'admin',
    summary: 'This host and another that looks like it are two machines',
    parameters: noParameters,
    body: oldHost,
    answer: null,
    run: ({ actor, context, id, body }) => keepBothHosts(actor, context, { newId: id, oldId: body.oldHost }),
  }),
];
