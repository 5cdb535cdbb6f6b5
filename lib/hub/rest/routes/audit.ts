import { z } from 'zod';
import { auditEntrySchema } from '../../openapi/people-schemas.ts';
import { listAudit } from '../../operations/list-audit.ts';
import { defined, readParameters } from '../parameters.ts';
import type { RestRoute } from '../route.ts';
import { storeOf } from './people-calls.ts';

const part = z.string().max(200).optional();
const moment = z
  .string()
  .max(40)
  .transform((text, check) => {
    const millis = Date.parse(text);
    if (Number.isFinite(millis)) return new Date(millis).toISOString();
    check.addIssue({ code: 'custom', message: 'Not ISO 8601.' });
    return z.NEVER;
  })
  .optional();

const auditParameters = z.strictObject({
  actor: part.meta({ description: 'Part of who did it, such as `user ada`.' }),
  action: part.meta({ description: 'Part of what was done, such as `user.` or `host.remove`.' }),
  subject: part.meta({ description: 'Part of what it was done to.' }),
  from: moment.meta({ description: 'ISO 8601.' }),
  to: moment.meta({ description: 'ISO 8601.' }),
  cursor: z.string().max(100).optional().meta({ description: 'nextCursor of the page before.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'A whole number.')
    .transform(Number)
    .optional()
    .meta({ description: '1 to 500, default 100.' }),
});

export const auditRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/audit',
    role: 'admin',
    summary: 'Who changed what, the newest first',
    parameters: auditParameters,
    body: null,
    answer: {
      name: 'AuditPage',
      schema: z.object({ items: z.array(auditEntrySchema), nextCursor: z.string().nullable() }),
    },
    run: (call) =>
      listAudit(call.actor, storeOf(call), defined(readParameters(auditParameters, call.search))),
  },
];
