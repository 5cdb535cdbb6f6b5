import { HubError } from '../../../lib/hub/errors.ts';
import { changeRole } from '../../../lib/hub/operations/change-role.ts';
import { disableUser } from '../../../lib/hub/operations/disable-user.ts';
import { enableUser } from '../../../lib/hub/operations/enable-user.ts';
import { inviteUser, usualInvitationSeconds } from '../../../lib/hub/operations/invite-user.ts';
import { listUsers } from '../../../lib/hub/operations/list-users.ts';
import { makeUserLink } from '../../../lib/hub/operations/make-user-link.ts';
import { removeUser } from '../../../lib/hub/operations/remove-user.ts';
import { makeLoginLink } from '../../../lib/hub/operations/sign-in.ts';
import type { UserView } from '../../../lib/hub/people-views.ts';
import { type Role, roles, type UserRecord } from '../../../lib/state/state-store.ts';
import {
  fail,
  lifeOf,
  type Opened,
  originOf,
  system,
  takeOptions,
  UsageError,
  withState,
} from './beside-hub.ts';

export const userUsage =
  'user: list, invite [NAME] --role R [--for 3d], role NAME R, disable NAME, enable NAME, remove NAME, or login-link [NAME]';

function readRole(text: string | undefined): Role {
  const role = roles.find((known) => known === text);
  if (role === undefined) throw new UsageError(`the role is one of ${roles.join(', ')}`);
  return role;
}

async function userNamed({ state }: Opened, name: string): Promise<UserRecord> {
  const user = await state.findUser(name);
  if (user === null) throw new HubError('not-found', `There is no user "${name}".`);
  return user;
}

const userLine = (user: UserView): string =>
  [
    user.name,
    user.role,
    user.disabledAt === null ? 'may sign in' : `disabled ${user.disabledAt}`,
    [...(user.hasPassword ? ['password'] : []), ...user.issuers].join(', ') || 'no password',
    user.lastSeenAt === null ? 'never seen' : `seen ${user.lastSeenAt}`,
  ].join('\t');

async function list(opened: Opened, asJson: boolean): Promise<string> {
  const users: UserView[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listUsers>> = await listUsers(system, opened, {
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    users.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return asJson ? JSON.stringify(users, null, 2) : users.map(userLine).join('\n');
}

/** Words that are no options, and what is left for the hub's settings. */
function takeWords(argv: readonly string[], most: number): { words: string[]; rest: readonly string[] } {
  const words: string[] = [];
  while (words.length < most && argv[words.length]?.startsWith('-') === false)
    words.push(argv[words.length] ?? '');
  return { words, rest: argv.slice(words.length) };
}

function invite(argv: readonly string[]): Promise<number> {
  const { words, rest } = takeWords(argv, 1);
  const { taken, rest: settings } = takeOptions(rest, ['role', 'for']);
  return withState(settings, async (opened) => {
    const role = readRole(taken.role ?? 'viewer');
    const lifeSeconds = lifeOf(taken.for) ?? usualInvitationSeconds;
    const { path } = await inviteUser(system, opened, { name: words[0] ?? null, role, lifeSeconds });
    return `${await originOf(opened)}${path}`;
  });
}

function loginLink(argv: readonly string[]): Promise<number> {
  const { words, rest } = takeWords(argv, 1);
  return withState(rest, async (opened) => {
    const [name] = words;
    const origin = await originOf(opened);
    if (name === undefined) return `${origin}/login/${await makeLoginLink(opened.state, opened.nowMillis)}`;
    return origin + (await makeUserLink(system, opened, (await userNamed(opened, name)).id)).path;
  });
}

function changeUser(verb: string, argv: readonly string[]): Promise<number> | number {
  const { words, rest } = takeWords(argv, verb === 'role' ? 2 : 1);
  const [name, role] = words;
  if (name === undefined) return fail(userUsage);
  return withState(rest, async (opened) => {
    const wanted = verb === 'role' ? readRole(role) : null;
    const user = await userNamed(opened, name);
    if (wanted !== null) await changeRole(system, opened, user.id, wanted);
    else if (verb === 'disable') await disableUser(system, opened, user.id);
    else if (verb === 'enable') await enableUser(system, opened, user.id);
    else await removeUser(system, opened, user.id);
    const done = { disable: 'disabled', enable: 'enabled', remove: 'removed' }[verb];
    return wanted === null ? `${done} ${user.name}` : `${user.name} is ${wanted}`;
  });
}

/** `gpufleet hub user …`: counts in a running hub at once, and in its open pages within seconds. */
export async function userCommand(argv: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = argv;
  switch (verb) {
    case 'list': {
      const settings = rest.filter((word) => word !== '--json');
      return withState(settings, (opened) => list(opened, settings.length < rest.length));
    }
    case 'invite':
      return invite(rest);
    case 'login-link':
      return loginLink(rest);
    case 'role':
    case 'disable':
    case 'enable':
    case 'remove':
      return changeUser(verb, rest);
    default:
      return fail(userUsage);
  }
}
