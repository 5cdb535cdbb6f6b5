import { z } from 'zod';
import {
  containerViewSchema,
  fieldOriginSchema,
  gpuDetailSchema,
  hostDetailSchema,
  hostRawSchema,
  hostSummarySchema,
  pageSchema,
  rangeResultSchema,
} from '../../openapi/schemas.ts';
import { getFieldOrigins } from '../../operations/get-field-origins.ts';
import { getGpu } from '../../operations/get-gpu.ts';
import { getHost } from '../../operations/get-host.ts';
import { getHostRaw } from '../../operations/get-host-raw.ts';
import { getOpenApi } from '../../operations/get-openapi.ts';
import { listContainers } from '../../operations/list-containers.ts';
import { listGpus } from '../../operations/list-gpus.ts';
import { listHosts } from '../../operations/list-hosts.ts';
import { queryRange } from '../../operations/query-range.ts';
import { removeHost } from '../../operations/remove-host.ts';
import { defined, listParameters, noParameters, rangeParameters, readParameters } from '../parameters.ts';
import type { RestRoute } from '../route.ts';

const containerParameters = listParameters.extend({
  state: z.enum(['failed']).optional().meta({
    description: '`failed`: those that failed to start or ended badly within a minute, of the last day.',
  }),
});

const listOf = (search: URLSearchParams) => defined(readParameters(listParameters, search));

export const fleetRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/hosts',
    role: 'viewer',
    summary: 'Hosts of the live fleet, by hostname',
    parameters: listParameters,
    body: null,
    answer: { name: 'HostPage', schema: pageSchema(hostSummarySchema) },
    run: ({ actor, context, search }) => listHosts(actor, context, listOf(search)),
  },
  {
    method: 'GET',
    path: '/api/v1/hosts/{id}',
    role: 'viewer',
    summary: 'Everything of one host',
    parameters: noParameters,
    body: null,
    answer: { name: 'HostDetail', schema: hostDetailSchema },
    run: ({ actor, context, id }) => getHost(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/hosts/{id}/raw',
    role: 'viewer',
    summary: 'The texts that the last report of a host was read from, while someone watches the host',
    parameters: noParameters,
    body: null,
    answer: { name: 'HostRaw', schema: hostRawSchema },
    run: ({ actor, context, id }) => getHostRaw(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/field-origins',
    role: 'viewer',
    summary: 'Where nvidia-smi tells each field of a GPU: columns of its query, elements of its XML',
    parameters: noParameters,
    body: null,
    answer: { name: 'FieldOrigins', schema: z.array(fieldOriginSchema) },
    run: ({ actor }) => getFieldOrigins(actor),
  },
  {
    method: 'DELETE',
    path: '/api/v1/hosts/{id}',
    role: 'admin',
    summary: 'Forgets a host and its credential; its id may enrol again',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => removeHost(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/gpus',
    role: 'viewer',
    summary: 'GPUs of the live fleet, by hostname and index',
    parameters: listParameters,
    body: null,
    answer: { name: 'GpuPage', schema: pageSchema(gpuDetailSchema) },
    run: ({ actor, context, search }) => listGpus(actor, context, listOf(search)),
  },
  {
    method: 'GET',
    path: '/api/v1/gpus/{uuid}',
    role: 'viewer',
    summary: 'Everything of one GPU',
    parameters: noParameters,
    body: null,
    answer: { name: 'GpuDetail', schema: gpuDetailSchema },
    run: ({ actor, context, id }) => getGpu(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/containers',
    role: 'viewer',
    summary: 'Containers that use GPUs, by hostname and name; with state=failed those that failed',
    parameters: containerParameters,
    body: null,
    answer: { name: 'ContainerPage', schema: pageSchema(containerViewSchema) },
    run: ({ actor, context, search }) =>
      listContainers(actor, context, defined(readParameters(containerParameters, search))),
  },
  {
    method: 'GET',
    path: '/api/v1/query_range',
    role: 'viewer',
    summary: 'History of one metric',
    parameters: rangeParameters,
    body: null,
    answer: { name: 'RangeResult', schema: rangeResultSchema },
    run: ({ actor, context, search }) => {
      const { from, to, step, ...rest } = readParameters(rangeParameters, search);
      const times = { fromSeconds: from, toSeconds: to, stepSeconds: step };
      return queryRange(actor, context, defined({ ...rest, ...times }));
    },
  },
  {
    method: 'GET',
    path: '/api/v1/openapi.json',
    role: 'viewer',
    summary: 'This document',
    parameters: noParameters,
    body: null,
    answer: { name: 'OpenApi', schema: z.looseObject({ openapi: z.string() }) },
    run: ({ actor, context }) => getOpenApi(actor, context),
  },
];
