import { z } from 'zod';
import {
  invitationSchema,
  listSchema,
  newInvitationSchema,
  roleSchema,
  userLinkSchema,
  userSchema,
} from '../../openapi/people-schemas.ts';
import { pageSchema } from '../../openapi/schemas.ts';
import { changeRole } from '../../operations/change-role.ts';
import { disableUser } from '../../operations/disable-user.ts';
import { enableUser } from '../../operations/enable-user.ts';
import { endSessionsOf } from '../../operations/end-sessions.ts';
import { inviteUser, usualInvitationSeconds } from '../../operations/invite-user.ts';
import { listInvitations } from '../../operations/list-invitations.ts';
import { listUsers } from '../../operations/list-users.ts';
import { makeUserLink } from '../../operations/make-user-link.ts';
import { removeUser } from '../../operations/remove-user.ts';
import { withdrawInvitation } from '../../operations/withdraw-invitation.ts';
import { defined, listParameters, noParameters, readParameters } from '../parameters.ts';
import { type RestCall, type RestRoute, withBody } from '../route.ts';
import { changing, storeOf } from './people-calls.ts';

const userParameters = listParameters.omit({ group: true });

const invitationBody = z.strictObject({
  name: z.string().nullable().default(null).meta({ description: 'Null: whoever accepts chooses one.' }),
  role: roleSchema,
  lifeSeconds: z
    .int()
    .min(60)
    .max(30 * 86_400)
    .default(usualInvitationSeconds),
});

const common = { role: 'admin', parameters: noParameters } as const;
const ofUser = (work: (call: RestCall) => Promise<void>) =>
  ({
    ...common,
    body: null,
    answer: null,
    run: (call: RestCall) => changing(call, () => work(call)),
  }) as const;

const userRoutes: readonly RestRoute[] = [
  {
    ...common,
    method: 'GET',
    path: '/api/v1/users',
    summary: 'Everyone who may or might sign in, by name',
    parameters: userParameters,
    body: null,
    answer: { name: 'UserPage', schema: pageSchema(userSchema) },
    run: (call) => listUsers(call.actor, storeOf(call), defined(readParameters(userParameters, call.search))),
  },
  withBody({
    ...common,
    method: 'PUT',
    path: '/api/v1/users/{id}/role',
    summary: 'Gives a user another role, at once',
    body: { name: 'RoleChange', schema: z.strictObject({ role: roleSchema }) },
    answer: null,
    run: (call) => changing(call, () => changeRole(call.actor, storeOf(call), call.id, call.body.role)),
  }),
  {
    ...ofUser((call) => disableUser(call.actor, storeOf(call), call.id)),
    method: 'POST',
    path: '/api/v1/users/{id}/disable',
    summary: 'Ends every session of a user and lets none begin',
  },
  {
    ...ofUser((call) => enableUser(call.actor, storeOf(call), call.id)),
    method: 'POST',
    path: '/api/v1/users/{id}/enable',
    summary: 'Lets a disabled user sign in again',
  },
  {
    ...ofUser((call) => removeUser(call.actor, storeOf(call), call.id)),
    method: 'DELETE',
    path: '/api/v1/users/{id}',
    summary: 'Forgets a user and ends every session',
  },
  {
    ...ofUser((call) => endSessionsOf(call.actor, storeOf(call), call.id)),
    method: 'DELETE',
    path: '/api/v1/users/{id}/sessions',
    summary: 'Ends every session of a user',
  },
  {
    ...common,
    method: 'POST',
    path: '/api/v1/users/{id}/login-link',
    summary: 'A one-time link for someone who forgot the password',
    body: null,
    answer: { name: 'UserLink', schema: userLinkSchema },
    run: (call) => makeUserLink(call.actor, storeOf(call), call.id),
  },
];

const invitationRoutes: readonly RestRoute[] = [
  {
    ...common,
    method: 'GET',
    path: '/api/v1/invitations',
    summary: 'Invitations that are open, the newest first',
    body: null,
    answer: { name: 'InvitationList', schema: listSchema(invitationSchema) },
    run: async (call) => ({ items: await listInvitations(call.actor, storeOf(call)) }),
  },
  withBody({
    ...common,
    method: 'POST',
    path: '/api/v1/invitations',
    summary: 'Makes a link by which someone becomes a user, once',
    body: { name: 'InvitationAsk', schema: invitationBody },
    answer: { name: 'NewInvitation', schema: newInvitationSchema },
    run: (call) => inviteUser(call.actor, storeOf(call), call.body),
  }),
  {
    ...common,
    method: 'DELETE',
    path: '/api/v1/invitations/{id}',
    summary: 'Withdraws an open invitation',
    body: null,
    answer: null,
    run: (call) => withdrawInvitation(call.actor, storeOf(call), call.id),
  },
];

export const peopleRoutes: readonly RestRoute[] = [...userRoutes, ...invitationRoutes];
