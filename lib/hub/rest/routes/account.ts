import { z } from 'zod';
import { accountSchema, listSchema, sessionSchema } from '../../openapi/people-schemas.ts';
import { changeOwnPassword } from '../../operations/change-own-password.ts';
import { endSession } from '../../operations/end-session.ts';
import { endOtherSessions } from '../../operations/end-sessions.ts';
import { getAccount } from '../../operations/get-account.ts';
import { listSessions } from '../../operations/list-sessions.ts';
import { noParameters, readParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';
import { changing, storeOf } from './people-calls.ts';

const sessionParameters = z.strictObject({
  of: z
    .enum(['own', 'everyone'])
    .default('own')
    .meta({ description: 'Those of everyone need an administrator.' }),
});

/** Longer than any password that is taken, so that the operation says what is wrong with it. */
const password = z.string().max(1024);
const passwordBody = z.strictObject({
  currentPassword: password.nullable().default(null),
  newPassword: password,
});

const common = { role: 'viewer', parameters: noParameters } as const;

export const accountRoutes: readonly RestRoute[] = [
  {
    ...common,
    method: 'GET',
    path: '/api/v1/account',
    summary: 'Who asks',
    body: null,
    answer: { name: 'Account', schema: accountSchema },
    run: ({ actor, context }) => getAccount(actor, context),
  },
  withBody({
    ...common,
    method: 'PUT',
    path: '/api/v1/account/password',
    summary: 'Sets one’s own password and ends one’s other sessions',
    body: { name: 'PasswordChange', schema: passwordBody },
    answer: null,
    run: ({ actor, context, body }) => changeOwnPassword(actor, context, body),
  }),
  {
    ...common,
    method: 'DELETE',
    path: '/api/v1/account/sessions',
    summary: 'Ends one’s own sessions but for the one that asks',
    body: null,
    answer: null,
    run: (call) => changing(call, () => endOtherSessions(call.actor, storeOf(call))),
  },
  {
    ...common,
    method: 'GET',
    path: '/api/v1/sessions',
    summary: 'Sessions, the newest first',
    parameters: sessionParameters,
    body: null,
    answer: { name: 'SessionList', schema: listSchema(sessionSchema) },
    run: async (call) => {
      const { of } = readParameters(sessionParameters, call.search);
      return { items: await listSessions(call.actor, storeOf(call), of ?? 'own') };
    },
  },
  {
    ...common,
    method: 'DELETE',
    path: '/api/v1/sessions/{id}',
    summary: 'Ends a session: one’s own, or anyone’s for an administrator',
    body: null,
    answer: null,
    run: (call) => changing(call, () => endSession(call.actor, storeOf(call), call.id)),
  },
];
