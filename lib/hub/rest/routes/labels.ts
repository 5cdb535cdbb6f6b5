import { z } from 'zod';
import { labelKeyFault, labelValueFault, mostHostLabels } from '../../../model/index.ts';
import { editLabels, putLabels } from '../../operations/edit-labels.ts';
import { listLabels } from '../../operations/list-labels.ts';
import { noParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const mostHosts = 5000;

const checked = (fault: (text: string) => string | null, what: string) =>
  z.string().superRefine((text, context) => {
    const message = fault(text);
    if (message !== null) context.addIssue({ code: 'custom', message: `The ${what} ${message}.` });
  });
const key = checked(labelKeyFault, 'key');
const labels = z
  .record(key, checked(labelValueFault, 'value'))
  .refine((all) => Object.keys(all).length <= mostHostLabels, `At most ${mostHostLabels} labels.`);

const countSchema = z.object({ value: z.string(), hosts: z.int(), gpus: z.int() });
const labelsSchema = z.object({
  groups: z.array(countSchema),
  labels: z.array(z.object({ key: z.string(), values: z.array(countSchema) })),
  fleetFile: z.object({
    path: z.string().nullable(),
    loadedAt: z.iso.datetime().nullable(),
    fault: z.object({ at: z.iso.datetime(), lines: z.array(z.string()) }).nullable(),
  }),
});
const editSchema = z
  .strictObject({
    hosts: z.array(z.string().min(1).max(64)).min(1).max(mostHosts),
    set: labels.default({}),
    remove: z.array(key).max(mostHostLabels).default([]),
  })
  .refine(({ set, remove }) => !remove.some((each) => Object.hasOwn(set, each)), {
    message: 'A key is both set and removed.',
    path: ['remove'],
  });
const answer = { name: 'LabelEditAnswer', schema: z.object({ changed: z.int() }) };

export const labelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/labels',
    role: 'viewer',
    summary: 'Groups and labels of the fleet with how many hosts and GPUs have each, and the fleet file',
    parameters: noParameters,
    body: null,
    answer: { name: 'Labels', schema: labelsSchema },
    run: ({ actor, context }) => listLabels(actor, context),
  },
  withBody({
    method: 'PUT',
    path: '/api/v1/labels',
    role: 'admin',
    summary: 'Sets and removes labels of several hosts: of all of them, or of none',
    parameters: noParameters,
    body: { name: 'LabelEdit', schema: editSchema },
    answer,
    run: ({ actor, context, body }) => editLabels(actor, context, body),
  }),
  withBody({
    method: 'PUT',
    path: '/api/v1/hosts/{id}/labels',
    role: 'admin',
    summary: 'Makes these the labels that the hub itself gives to a host',
    parameters: noParameters,
    body: { name: 'HostLabels', schema: z.strictObject({ labels }) },
    answer,
    run: ({ actor, context, id, body }) => putLabels(actor, context, { id, labels: body.labels }),
  }),
];
