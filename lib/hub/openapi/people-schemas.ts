import { z } from 'zod';
import { roles, sessionBeginnings } from '../../state/state-store.ts';

export const roleSchema = z.enum(roles);
const moment = z.iso.datetime();
const momentOrNull = moment.nullable();

export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  createdAt: moment,
  disabledAt: momentOrNull,
  lastSeenAt: momentOrNull,
  hasPassword: z.boolean(),
  issuers: z
    .array(z.string())
    .meta({ description: 'Where they sign in besides: `proxy`, or a provider’s URL.' }),
  sessionCount: z.int(),
});

export const invitationSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  role: roleSchema,
  createdBy: z.string(),
  createdAt: moment,
  expiresAt: moment,
});

export const newInvitationSchema = invitationSchema.extend({
  path: z.string().meta({ description: 'Path of its page, with the secret in it. Shown once.' }),
});

export const userLinkSchema = z.object({
  path: z.string().meta({ description: 'Path that signs in once. Shown once.' }),
  expiresAt: moment,
});

export const sessionSchema = z.object({
  id: z.string(),
  userId: z.string(),
  userName: z.string(),
  how: z.enum(sessionBeginnings),
  peer: z.string(),
  userAgent: z.string(),
  createdAt: moment,
  lastSeenAt: moment,
  expiresAt: moment,
  isCurrent: z.boolean(),
});

export const accountSchema = z.object({
  kind: z.enum(['user', 'token']),
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  password: z.enum(['set', 'none', 'elsewhere']).nullable(),
  isFresh: z.boolean(),
});

export const tokenSchema = z.object({
  id: z.string(),
  kind: z.enum(['api', 'scrape', 'enroll']),
  name: z.string(),
  role: roleSchema.nullable(),
  createdBy: z.string(),
  createdAt: moment,
  expiresAt: momentOrNull,
  lastUsedAt: momentOrNull,
  labels: z.record(z.string(), z.string()),
});

export const newTokenSchema = z.object({
  secret: z.string().meta({ description: 'Shown once; only its hash is kept.' }),
  expiresAt: momentOrNull,
});

export const auditEntrySchema = z.object({
  id: z.int(),
  at: moment,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

/** A list that is short enough to come whole. */
export const listSchema = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
