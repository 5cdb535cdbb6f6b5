import { z } from 'zod';
import {
  sshAcceptBody,
  sshHostSchema,
  sshHostsSchema,
  sshInstallBody,
  sshInstallsSchema,
  sshKeyBody,
  sshKeySchema,
  sshLinesSchema,
  sshManyBody,
  sshSettingsBody,
  sshTestSchema,
} from '../../openapi/ssh-schemas.ts';
import { installOverSsh, listSshInstalls } from '../../operations/install-over-ssh.ts';
import {
  acceptSshKey,
  addSshHost,
  addSshHosts,
  editSshHost,
  forgetAcceptedKey,
  getSshHost,
  listSshHosts,
  removeSshHost,
  testSshHost,
} from '../../operations/ssh-hosts.ts';
import { addSshKey, removeSshKey } from '../../operations/ssh-keys.ts';
import { noParameters, readParameters } from '../parameters.ts';
import { type RestRoute, withBody } from '../route.ts';

const placeParameters = z.strictObject({
  place: z.string().max(320).optional().meta({
    description: 'Whose key, as `place` of keys says it: of a jump host; left out, the host’s own.',
  }),
});
const host = { name: 'SshHost', schema: sshHostSchema };
const settings = { name: 'SshHostSettings', schema: sshSettingsBody };
const installs = { name: 'SshInstalls', schema: sshInstallsSchema };

const hostRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/v1/ssh-hosts',
    role: 'viewer',
    summary: 'Hosts that this hub reads over SSH, how it stands with each, and the keys that it logs in with',
    parameters: noParameters,
    body: null,
    answer: { name: 'SshHosts', schema: sshHostsSchema },
    run: ({ actor, context }) => listSshHosts(actor, context),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/ssh-hosts',
    role: 'admin',
    summary: 'Reads a host over SSH from now on',
    parameters: noParameters,
    body: settings,
    answer: host,
    run: ({ actor, context, body }) => addSshHost(actor, context, body),
  }),
  withBody({
    method: 'POST',
    path: '/api/v1/ssh-hosts/bulk',
    role: 'admin',
    summary: 'Adds many hosts from a text, all or none; or says what that would do',
    parameters: noParameters,
    body: { name: 'ManySshHosts', schema: sshManyBody },
    answer: { name: 'SshHostLines', schema: sshLinesSchema },
    run: ({ actor, context, body }) => addSshHosts(actor, context, body),
  }),
  {
    method: 'GET',
    path: '/api/v1/ssh-hosts/{id}',
    role: 'viewer',
    summary: 'How the hub stands with one host that it reads over SSH',
    parameters: noParameters,
    body: null,
    answer: host,
    run: ({ actor, context, id }) => getSshHost(actor, context, id),
  },
  withBody({
    method: 'PUT',
    path: '/api/v1/ssh-hosts/{id}',
    role: 'admin',
    summary: 'Changes how a host is read; reading begins anew',
    parameters: noParameters,
    body: settings,
    answer: host,
    run: ({ actor, context, id, body }) => editSshHost(actor, context, { id, settings: body }),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/ssh-hosts/{id}',
    role: 'admin',
    summary: 'Ends reading a host over SSH; without an agent it leaves the fleet',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => removeSshHost(actor, context, id),
  },
  {
    method: 'POST',
    path: '/api/v1/ssh-hosts/{id}/test',
    role: 'operator',
    summary: 'Tries each step to a host now, and says where and why it stops',
    parameters: noParameters,
    body: null,
    answer: { name: 'SshTest', schema: sshTestSchema },
    run: ({ actor, context, id }) => testSshHost(actor, context, id),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/ssh-hosts/{id}/accept-key',
    role: 'admin',
    summary: 'Trusts the key that a host shows, by the fingerprint that was compared',
    parameters: noParameters,
    body: { name: 'AcceptedKey', schema: sshAcceptBody },
    answer: host,
    run: ({ actor, context, id, body }) => acceptSshKey(actor, context, { id, ...body }),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/ssh-hosts/{id}/accepted-key',
    role: 'admin',
    summary: 'Withdraws the trust in a key that was accepted: connections over it end, and it waits again',
    parameters: placeParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id, search }) =>
      forgetAcceptedKey(actor, context, { id, ...readParameters(placeParameters, search) }),
  },
];

export const sshRoutes: readonly RestRoute[] = [
  ...hostRoutes,
  withBody({
    method: 'POST',
    path: '/api/v1/ssh-keys',
    role: 'admin',
    summary: 'Makes a key to log in with, or names one in a file on the hub’s machine',
    parameters: noParameters,
    body: { name: 'NewSshKey', schema: sshKeyBody },
    answer: { name: 'SshKey', schema: sshKeySchema },
    run: ({ actor, context, body }) => addSshKey(actor, context, body),
  }),
  {
    method: 'DELETE',
    path: '/api/v1/ssh-keys/{id}',
    role: 'admin',
    summary: 'Forgets a key that no host uses',
    parameters: noParameters,
    body: null,
    answer: null,
    run: ({ actor, context, id }) => removeSshKey(actor, context, id),
  },
  {
    method: 'GET',
    path: '/api/v1/ssh-installs',
    role: 'viewer',
    summary: 'How far the agent’s installation over SSH is, the last of each host',
    parameters: noParameters,
    body: null,
    answer: installs,
    run: ({ actor, context }) => listSshInstalls(actor, context),
  },
  withBody({
    method: 'POST',
    path: '/api/v1/ssh-installs',
    role: 'admin',
    summary: 'Installs the agent over SSH on hosts; when it reports, SSH steps back',
    parameters: noParameters,
    body: { name: 'NewSshInstalls', schema: sshInstallBody },
    answer: installs,
    run: ({ actor, context, body }) => installOverSsh(actor, context, body),
  }),
];
