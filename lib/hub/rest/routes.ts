import type { z } from 'zod';
import type { Role } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { getGpu } from '../operations/get-gpu.ts';
import { getHost } from '../operations/get-host.ts';
import { getOpenApi } from '../operations/get-openapi.ts';
import { listContainers } from '../operations/list-containers.ts';
import { listGpus } from '../operations/list-gpus.ts';
import { listHosts } from '../operations/list-hosts.ts';
import { queryRange } from '../operations/query-range.ts';
import { removeHost } from '../operations/remove-host.ts';
import { defined, listParameters, noParameters, rangeParameters, readParameters } from './parameters.ts';

export interface RestCall {
  readonly actor: Actor;
  readonly context: HubContext;
  /** The `{…}` of the path, decoded; empty where there is none. */
  readonly id: string;
  readonly search: URLSearchParams;
}

export interface RestRoute {
  readonly method: 'GET' | 'DELETE';
  /** With at most one `{id}`, which takes one segment. */
  readonly path: string;
  readonly role: Role;
  readonly summary: string;
  readonly parameters: z.ZodType;
  /** Name of the answer's schema in the OpenAPI document; null: 204 without a body. */
  readonly answer: string | null;
  readonly run: (call: RestCall) => Promise<unknown>;
}

const listOf = (search: URLSearchParams) => defined(readParameters(listParameters, search));

/** The REST part of /api/v1: one table for the answers, the OpenAPI document and the tests. */
export const restRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/hosts',
    role: 'viewer',
    summary: 'Hosts of the live fleet, by hostname',
    parameters: listParameters,
    answer: 'HostPage',
    run: ({ actor, context, search }) => listHosts(actor, context, listOf(search)),
  },
  {
    method: 'GET',
    path: '/api/v1/hosts/{id}',
    role: 'viewer',
    summary: 'Everything of one host',
    parameters: noParameters,
    answer: 'HostDetail',
    run: ({ actor, context, id }) => getHost(actor, context, id),
  },
  {
    method: 'DELETE',
    path: '/api/v1/hosts/{id}',
    role: 'admin',
    summary: 'Forgets a host and its credential; its id may enrol again',
    parameters: noParameters,
    answer: null,
    run: ({ actor, context, id }) => removeHost(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/gpus',
    role: 'viewer',
    summary: 'GPUs of the live fleet, by hostname and index',
    parameters: listParameters,
    answer: 'GpuPage',
    run: ({ actor, context, search }) => listGpus(actor, context, listOf(search)),
  },
  {
    method: 'GET',
    path: '/api/v1/gpus/{uuid}',
    role: 'viewer',
    summary: 'Everything of one GPU',
    parameters: noParameters,
    answer: 'GpuDetail',
    run: ({ actor, context, id }) => getGpu(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/containers',
    role: 'viewer',
    summary: 'Containers that use GPUs, by hostname and name',
    parameters: listParameters,
    answer: 'ContainerPage',
    run: ({ actor, context, search }) => listContainers(actor, context, listOf(search)),
  },
  {
    method: 'GET',
    path: '/api/v1/query_range',
    role: 'viewer',
    summary: 'History of one metric',
    parameters: rangeParameters,
    answer: 'RangeResult',
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
    answer: 'OpenApi',
    run: ({ actor, context }) => getOpenApi(actor, context),
  },
];
