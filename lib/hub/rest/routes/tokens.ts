import { z } from 'zod';
import { listSchema, newTokenSchema, roleSchema, tokenSchema } from '../../openapi/people-schemas.ts';
import { listTokens } from '../../operations/list-tokens.ts';
import { makeEnrollmentToken } from '../../operations/make-enrollment-token.ts';
import { makeToken } from '../../operations/make-token.ts';
import { removeToken } from '../../operations/remove-token.ts';
import { noParameters } from '../parameters.ts';
import { type RestCall, type RestRoute, withBody } from '../route.ts';
import { changing, storeOf } from './people-calls.ts';

const longestSeconds = 10 * 365 * 86_400;
const lifeSeconds = z.int().min(60).max(longestSeconds);
const labelText = (most: number) => z.string().min(1).max(most);

const namedToken = {
  name: z.string().trim().min(1).max(100),
  lifeSeconds: lifeSeconds.nullable().default(null).meta({ description: 'Null: until it is removed.' }),
};
const tokenBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('api'), ...namedToken, role: roleSchema.default('viewer') }),
  z.strictObject({ kind: z.literal('scrape'), ...namedToken }),
  z.strictObject({
    kind: z.literal('enroll'),
    lifeSeconds: lifeSeconds.optional().meta({ description: 'Left out: as the hub is set.' }),
    labels: z
      .record(labelText(100), labelText(1024))
      .default({})
      .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels')
      .meta({ description: 'Given to every host that enrols with it.' }),
  }),
]);

async function make(
  call: RestCall,
  body: z.infer<typeof tokenBody>,
): Promise<z.infer<typeof newTokenSchema>> {
  const store = storeOf(call);
  if (body.kind === 'enroll') {
    const seconds = body.lifeSeconds ?? call.context.config.enrollmentTokenLifeSeconds;
    const wanted = { lifeSeconds: seconds, labels: body.labels };
    const { secret, expiresAtMillis } = await makeEnrollmentToken(call.actor, store, wanted);
    return { secret, expiresAt: new Date(expiresAtMillis).toISOString() };
  }
  const { kind, name } = body;
  const endsAt = body.lifeSeconds === null ? null : store.nowMillis + body.lifeSeconds * 1000;
  const expiresAt = endsAt === null ? null : new Date(endsAt).toISOString();
  const role = body.kind === 'api' ? body.role : 'viewer';
  return { secret: await makeToken(call.actor, store, { kind, name, role, expiresAt }), expiresAt };
}

const common = { role: 'admin', parameters: noParameters } as const;

export const tokenRoutes: readonly RestRoute[] = [
  {
    ...common,
    method: 'GET',
    path: '/api/v1/tokens',
    summary: 'Tokens of machines: API, scrape, enrolment',
    body: null,
    answer: { name: 'TokenList', schema: listSchema(tokenSchema) },
    run: async ({ actor, context }) => ({ items: await listTokens(actor, context.state) }),
  },
  withBody({
    ...common,
    method: 'POST',
    path: '/api/v1/tokens',
    summary: 'Makes a token; its secret is shown once',
    body: { name: 'TokenAsk', schema: tokenBody },
    answer: { name: 'NewToken', schema: newTokenSchema },
    run: (call) => make(call, call.body),
  }),
  {
    ...common,
    method: 'DELETE',
    path: '/api/v1/tokens/{id}',
    summary: 'Ends a token at once',
    body: null,
    answer: null,
    run: (call) => changing(call, () => removeToken(call.actor, storeOf(call), { id: call.id })),
  },
];
