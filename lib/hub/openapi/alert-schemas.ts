import { z } from 'zod';
import {
  type Alert,
  type AlertDetail,
  type AlertHost,
  type AlertRuleView,
  type Channel,
  type ChannelTest,
  channelKinds,
  type Delivery,
  quietKinds,
  type RulesPreview,
  type SilenceView,
} from '../../model/index.ts';

const time = z.iso.datetime();
const text = z.string().nullable();
const severity = z.enum(['critical', 'warning']);

const hostSchema: z.ZodType<AlertHost> = z.object({ id: z.string(), hostname: z.string() });
const hosts = z.array(hostSchema).readonly();

const alertShape = {
  id: z.string(),
  rule: z.string(),
  severity,
  cause: z.string().meta({ description: 'Alerts with the same cause belong together.' }),
  what: z.string(),
  hosts,
  since: time,
  whyItMatters: z.string(),
  whatToDo: z.string(),
  href: z.string().meta({ description: 'Path of the page that shows it.' }),
  labels: z
    .record(z.string(), z.string())
    .readonly()
    .optional()
    .meta({ description: 'What it is about beside its hosts, such as `gpu`, `uuid`, `xid`.' }),
  phase: z.enum(['pending', 'firing', 'resolved']),
  firedAt: time.nullable(),
  resolvedAt: time.nullable(),
  resolution: text,
  acknowledged: z.object({ by: z.string(), at: time, note: text }).nullable(),
  quiet: z
    .object({ kind: z.enum(quietKinds), silenceId: text, until: time.nullable(), reason: text })
    .nullable()
    .meta({ description: 'What keeps it from being told to anyone now.' }),
};
export const alertSchema: z.ZodType<Alert> = z.object(alertShape);

export const deliverySchema: z.ZodType<Delivery> = z.object({
  id: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  event: z.enum(['firing', 'resolved']),
  alertIds: z.array(z.string()).readonly(),
  createdAt: time,
  state: z.enum(['waiting', 'delivered', 'given-up']),
  attempts: z.int().min(0),
  nextAttemptAt: time.nullable(),
  finishedAt: time.nullable(),
  lastError: text,
});

export const alertDetailSchema: z.ZodType<AlertDetail> = z.object({
  ...alertShape,
  deliveries: z.array(deliverySchema).readonly(),
});

export const alertRuleSchema: z.ZodType<AlertRuleView> = z.object({
  rule: z.string(),
  severity,
  watches: z.string(),
  afterSeconds: z.number(),
  isOn: z.boolean(),
  isOwn: z.boolean().meta({ description: 'From the fleet file.' }),
  isChanged: z.boolean().meta({ description: 'Whether the fleet file says something of it.' }),
  threshold: z.object({ value: z.number(), unit: z.string(), says: z.string() }).nullable(),
  scope: z
    .object({
      hosts: z.array(z.string()).readonly().nullable(),
      models: z.array(z.string()).readonly().nullable(),
    })
    .nullable(),
});

export const rulesPreviewSchema: z.ZodType<RulesPreview> = z.object({
  faults: z.array(z.string()).readonly().meta({ description: 'What is wrong with the text, a line each.' }),
  rules: z
    .array(
      z.object({
        rule: z.string(),
        severity,
        watches: z.string(),
        afterSeconds: z.number(),
        now: z.array(z.object({ hostId: z.string(), what: z.string(), href: z.string() })).readonly(),
        nowTotal: z.int().min(0),
        isNowKnown: z.boolean(),
        lastDay: z.object({
          isKept: z.boolean().meta({ description: 'False: no history is kept of its field.' }),
          note: z.string(),
          episodes: z.array(z.object({ what: z.string(), from: time, to: time.nullable() })).readonly(),
          total: z.int().min(0),
        }),
      }),
    )
    .readonly(),
  rulesLeftOut: z.int().min(0),
});

export const silenceSchema: z.ZodType<SilenceView> = z.object({
  id: z.string(),
  kind: z.enum(['silence', 'maintenance']),
  hosts: z.array(z.string()).readonly(),
  rule: text,
  matchers: z.array(z.string()).readonly(),
  reason: text,
  createdBy: z.string(),
  createdAt: time,
  startsAt: time,
  endsAt: time,
  endedAt: time.nullable(),
  endedBy: text,
  state: z.enum(['planned', 'active', 'over']),
  matches: hosts,
});

export const channelOptionsSchema = z.strictObject({
  to: z.array(z.string().trim().max(320)).max(50).readonly(),
  from: z.string().trim().max(320).nullable(),
  user: z.string().max(320).nullable(),
  severity: z.enum(['critical', 'warning']).meta({ description: 'The least that it is told of.' }),
  title: z.string().max(2000).nullable().meta({ description: 'One line, such as `[{event}] {cause}`.' }),
  line: z.string().max(2000).nullable().meta({ description: 'Of each alert, such as `{what}: {url}`.' }),
});

export const channelSchema: z.ZodType<Channel> = z.object({
  id: z.string(),
  kind: z.enum(channelKinds),
  name: z.string(),
  address: z.string().meta({ description: 'Without its query, which often is a secret.' }),
  signed: z.boolean().meta({ description: 'Whether it has a secret.' }),
  options: channelOptionsSchema,
  health: z.object({
    state: z.enum(['ok', 'failing', 'unused']),
    failingSince: time.nullable(),
    lastSuccessAt: time.nullable(),
    lastError: text,
  }),
  source: z.enum(['hub', 'settings']),
  createdAt: time,
  createdBy: z.string(),
  waiting: z.int().min(0),
  last: deliverySchema.nullable(),
});

export const channelTestSchema: z.ZodType<ChannelTest> = z.object({
  delivered: z.boolean(),
  detail: z.string(),
  durationSeconds: z.number(),
});
