import { z } from 'zod';
import { alertPhases, channelKinds, noChannelOptions } from '../../../model/index.ts';
import {
  alertDetailSchema,
  alertRuleSchema,
  alertSchema,
  channelOptionsSchema,
  channelSchema,
  channelTestSchema,
  rulesPreviewSchema,
  silenceSchema,
} from '../../openapi/alert-schemas.ts';
import { pageSchema } from '../../openapi/schemas.ts';
import { acknowledgeAlert, unacknowledgeAlert } from '../../operations/acknowledge-alert.ts';
import { getAlert } from '../../operations/get-alert.ts';
import { listAlerts } from '../../operations/list-alerts.ts';
import { listChannels } from '../../operations/list-channels.ts';
import { listAlertRules } from '../../operations/list-open-alerts.ts';
import { listSilences, silenceView } from '../../operations/list-silences.ts';
import { makeChannel, removeChannel } from '../../operations/make-channel.ts';
import { endSilence, makeSilence } from '../../operations/make-silence.ts';
import { previewRules } from '../../operations/preview-rules.ts';
import { testChannel } from '../../operations/test-channel.ts';
import { defined, listParameters, noParameters, readParameters } from '../parameters.ts';
import { type RestCall, type RestRoute, withBody } from '../route.ts';

const { q, cursor, limit } = listParameters.shape;
const alertParameters = z.strictObject({
  phase: z
    .enum([...alertPhases, 'open'])
    .optional()
    .meta({ description: '`open`: pending and firing.' }),
  rule: z.string().max(100).optional(),
  severity: z.enum(['critical', 'warning']).optional(),
  host: z.string().max(100).optional().meta({ description: 'Id of a host that it names.' }),
  q,
  cursor,
  limit,
});

const previewBody = z.union([
  z.strictObject({
    text: z.string().max(100_000).meta({ description: 'YAML with `alerts:`, as in a fleet file.' }),
  }),
  z.strictObject({ rule: z.string().max(100).meta({ description: 'Name of a rule, as it is now.' }) }),
]);

const note = z.string().trim().max(1000);
const acknowledgeBody = z.strictObject({ note: note.nullable().default(null) });

const word = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .meta({ description: 'A hostname (`*` and `?` match), an id, `group=…`, or a label `key=value`.' });
const silenceBody = z.strictObject({
  kind: z.enum(['silence', 'maintenance']),
  hosts: z.array(word).min(1).max(200),
  rule: z.string().max(100).nullable().default(null).meta({ description: 'Null: every rule.' }),
  matchers: z.array(z.string().trim().min(1).max(300)).max(50).default([]).meta({
    description:
      'Of the alerts’ own labels, `severity` or `cause`: `gpu=3`, `xid!=79`; `*` and `?` match. All must be so.',
  }),
  reason: note.nullable().default(null),
  startsAt: z.iso.datetime({ offset: true }).nullable().default(null).meta({ description: 'Null: now.' }),
  forSeconds: z.number().meta({ description: 'From its start; up to a year.' }),
});

const channelBody = z.strictObject({
  kind: z.enum(channelKinds),
  name: z.string().trim().min(1).max(100),
  url: z.string().max(4000).meta({
    description:
      'Of an Alertmanager several, a blank between; of mail `smtp://host:587` or `smtps://host`; of PagerDuty empty for its own.',
  }),
  secret: z.string().min(8).max(500).nullable().default(null).meta({
    description:
      'Signs webhooks as Standard Webhooks does; of the others a token, `user:password`, integration key or password. Never shown again.',
  }),
  options: channelOptionsSchema
    .partial()
    .optional()
    .meta({ description: 'What some kinds need, and templates.' }),
});

const storeOf = ({ context }: RestCall) => ({ state: context.state, nowMillis: context.now() });
const listOf = <T extends z.ZodType>(schema: T) => z.object({ items: z.array(schema) });

const alertRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/alerts',
    role: 'viewer',
    summary: 'Alerts, pending, firing and over, the youngest first',
    parameters: alertParameters,
    body: null,
    answer: { name: 'AlertPage', schema: pageSchema(alertSchema) },
    run: ({ actor, context, search }) =>
      listAlerts(actor, context, defined(readParameters(alertParameters, search))),
  },
  {
    method: 'GET',
    path: '/api/v1/alerts/{id}',
    role: 'viewer',
    summary: 'One alert, with who was told of it',
    parameters: noParameters,
    body: null,
    answer: { name: 'AlertDetail', schema: alertDetailSchema },
    run: ({ actor, context, id }) => getAlert(actor, context, id),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/alerts/{id}/acknowledge',
    role: 'operator',
    summary: 'Says that a person has seen it',
    parameters: noParameters,
    body: { name: 'Acknowledge', schema: acknowledgeBody },
    answer: { name: 'Alert', schema: alertSchema },
    run: ({ actor, context, id, body }) => acknowledgeAlert(actor, context, { id, note: body.note || null }),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/alerts/{id}/acknowledge',
    role: 'operator',
    summary: 'Takes an acknowledgement back',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => unacknowledgeAlert(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/alert-rules',
    role: 'viewer',
    summary: 'What the hub watches',
    parameters: noParameters,
    body: null,
    answer: { name: 'AlertRules', schema: listOf(alertRuleSchema) },
    run: async ({ actor, context }) => ({ items: await listAlertRules(actor, context) }),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/alert-rules/preview',
    role: 'viewer',
    summary: 'What rules would fire now and would have fired over the last day; changes nothing',
    parameters: noParameters,
    body: { name: 'RulesToPreview', schema: previewBody },
    answer: { name: 'RulesPreview', schema: rulesPreviewSchema },
    run: ({ actor, context, body }) => previewRules(actor, context, body),
  }),
];

const silenceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/silences',
    role: 'viewer',
    summary: 'Silences and maintenance, the youngest first',
    parameters: noParameters,
    body: null,
    answer: { name: 'Silences', schema: listOf(silenceSchema) },
    run: async ({ actor, context }) => ({ items: await listSilences(actor, context) }),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/silences',
    role: 'operator',
    summary: 'Keeps alerts quiet for a time; maintenance also shows it on its hosts',
    parameters: noParameters,
    body: { name: 'NewSilence', schema: silenceBody },
    answer: { name: 'Silence', schema: silenceSchema },
    run: async (call) => {
      const { actor, context, body } = call;
      const silence = await makeSilence(actor, storeOf(call), { ...body, reason: body.reason || null });
      await context.alerting.refresh();
      return silenceView(silence, context.fleet, context.now());
    },
  }),
  {
    method: 'DELETE',
    path: '/api/v1/silences/{id}',
    role: 'operator',
    summary: 'Ends a silence or maintenance early',
    parameters: noParameters,
    body: null,
    answer: null,
    run: async (call) => {
      await endSilence(call.actor, storeOf(call), call.id);
      await call.context.alerting.refresh();
    },
  },
];

const channelRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/channels',
    role: 'admin',
    summary: 'Where alerts are sent, and how the last notice went',
    parameters: noParameters,
    body: null,
    answer: { name: 'Channels', schema: listOf(channelSchema) },
    run: async ({ actor, context }) => ({ items: await listChannels(actor, context) }),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/channels',
    role: 'admin',
    summary: 'Adds where alerts are sent',
    parameters: noParameters,
    body: { name: 'NewChannel', schema: channelBody },
    answer: { name: 'Channel', schema: channelSchema },
    run: ({ actor, context, body }) =>
      makeChannel(actor, context, {
        ...body,
        options: { ...noChannelOptions, ...defined(body.options ?? {}) },
      }),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/channels/{id}',
    role: 'admin',
    summary: 'Removes a channel with what waits for it',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => removeChannel(actor, context, id),
  },
  {
    method: 'POST',
    path: '/api/v1/channels/{id}/test',
    role: 'admin',
    summary: 'Sends a test notice at once, and tells what came back',
    parameters: noParameters,
    body: null,
    answer: { name: 'ChannelTest', schema: channelTestSchema },
    run: ({ actor, context, id }) => testChannel(actor, context, id),
  },
];

export const alertsRoutes: readonly RestRoute[] = [...alertRoutes, ...silenceRoutes, ...channelRoutes];
