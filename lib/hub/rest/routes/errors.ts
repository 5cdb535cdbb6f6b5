import { z } from 'zod';
import { explainedErrorSchema } from '../../openapi/trouble-schemas.ts';
import { explainError, explainText } from '../../operations/explain-errors.ts';
import { readParameters } from '../parameters.ts';
import type { RestRoute } from '../route.ts';

const text = z.string().max(4000).meta({ description: 'As a tool printed it.' });
const textParameters = z.strictObject({ text });
const detailParameters = z.strictObject({ text: text.optional() });

export const errorRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/errors',
    role: 'viewer',
    summary: 'The known errors that a text tells of: cause, fix, and the hosts that have them',
    parameters: textParameters,
    body: null,
    answer: { name: 'ExplainedErrors', schema: z.object({ items: z.array(explainedErrorSchema) }) },
    run: async ({ actor, context, search }) => ({
      items: await explainText(actor, context, readParameters(textParameters, search).text),
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/errors/{id}',
    role: 'viewer',
    summary: 'One known error by its name; every Xid has one, `xid-79`',
    parameters: detailParameters,
    body: null,
    answer: { name: 'ExplainedError', schema: explainedErrorSchema },
    run: ({ actor, context, id, search }) =>
      explainError(actor, context, id, readParameters(detailParameters, search).text ?? ''),
  },
];
