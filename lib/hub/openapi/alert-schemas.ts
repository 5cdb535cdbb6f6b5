import { z } from 'zod';
import type {
  Alert,
  AlertDetail,
  AlertHost,
  AlertRuleView,
  Channel,
  ChannelTest,
  Delivery,
  SilenceView,
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
  phase: z.enum(['pending', 'firing', 'resolved']),
  firedAt: time.nullable(),
  resolvedAt: time.nullable(),
  resolution: text,
  acknowledged: z.object({ by: z.string(), at: time, note: text }).nullable(),
  quiet: z
    .object({ kind: z.enum(['silence', 'maintenance']), silenceId: z.string(), until: time, reason: text })
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
});

export const silenceSchema: z.ZodType<SilenceView> = z.object({
  id: z.string(),
  kind: z.enum(['silence', 'maintenance']),
  hosts: z.array(z.string()).readonly(),
  rule: text,
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

export const channelSchema: z.ZodType<Channel> = z.object({
  id: z.string(),
  kind: z.literal('webhook'),
  name: z.string(),
  address: z.string().meta({ description: 'Without its query, which often is a secret.' }),
  signed: z.boolean(),
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
