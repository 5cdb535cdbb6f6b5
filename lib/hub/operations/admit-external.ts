import type { RoleMapping } from '../../config/access-settings.ts';
import type { Role, UserRecord } from '../../state/state-store.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { hasAdministrator, withdrawInvitationsOf } from '../people.ts';
import { newId } from '../sessions.ts';

const maxNameLength = 64;
/** Somebody who has this many names like theirs beside them gets none. */
const maxSuffix = 1000;

/** A person as a provider or a trusted proxy describes them. */
export interface ExternalPerson {
  /** `proxy`, or the issuer's URL; with the subject it is who this is. Names and addresses are not. */
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** The role of someone with these groups; null: none, so they stay out. */
export function mappedRole(mapping: RoleMapping, groups: readonly string[]): Role | null {
  const byGroup = (['admin', 'operator', 'viewer'] as const).find((role) =>
    mapping[role].some((group) => groups.includes(group)),
  );
  return byGroup ?? mapping.otherwise;
}

/** Where no group gives a role, the default is only a beginning, which an administrator may change here. */
export const groupsDecide = ({ admin, operator, viewer }: RoleMapping): boolean =>
  admin.length + operator.length + viewer.length > 0;

/** A name fit for lists and the log: one line, not too long. */
const shownName = (name: string): string =>
  name
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, maxNameLength) || 'unnamed';

/** Tries the name, then the name with a number: a user who has it already stays who they are. */
async function withFreeName(wanted: string, take: (name: string) => Promise<boolean>): Promise<void> {
  for (let number = 1; number < maxSuffix; number += 1)
    if (await take(number === 1 ? wanted : `${wanted}-${number}`)) return;
  throw new HubError('conflict', `No name like ${wanted} is free.`);
}

const shown = (user: Pick<UserRecord, 'name' | 'role'>): string => `${user.name}, ${user.role}`;

const storeOf = (context: HubContext) => ({ state: context.state, nowMillis: context.now() });

async function addUser(context: HubContext, person: ExternalPerson, role: Role): Promise<UserRecord> {
  const createdAt = new Date(context.now()).toISOString();
  const { issuer, subject } = person;
  const rest = { role, createdAt, passwordHash: null, disabledAt: null, lastSeenAt: null };
  let user: UserRecord = { id: newId(), name: shownName(person.name), ...rest };
  await withFreeName(user.name, (name) => {
    user = { ...user, name };
    return context.state.addExternalUser(user, { issuer, subject, userId: user.id, createdAt });
  });
  const after = `${shown(user)}, from ${issuer}`;
  const change = { action: 'user.create', subject: user.name, before: null, after };
  await audit({ kind: 'system' }, storeOf(context), change);
  return user;
}

/**
 * What a provider takes away is gone at once, from the last administrator too: someone who was shut out there must not
 * stay in here. The way back needs the hub's machine, and both the log and the audit log say so.
 */
async function noteLostAdmin(context: HubContext, before: UserRecord, issuer: string): Promise<string> {
  if (before.role !== 'admin' || (await hasAdministrator(context.state))) return '';
  context.log(
    `${before.name} was the last administrator and is none any more, as ${issuer} says. ` +
      'On this machine, "gpufleet hub user login-link" signs in as a new one.',
  );
  return '; no administrator is left';
}

/** Open invitations of somebody who may not invite any more would be a way back in. */
const withdrawn = async (context: HubContext, before: UserRecord): Promise<string> =>
  before.role === 'admin' ? withdrawInvitationsOf(context.state, before) : '';

/** Takes over a changed role, and a name that changed outside. */
async function follow(
  context: HubContext,
  user: UserRecord,
  person: ExternalPerson,
  role: Role,
): Promise<UserRecord> {
  const wanted = shownName(person.name);
  const keepsName = user.name === wanted || user.name.replace(/-\d+$/, '') === wanted;
  if (keepsName && role === user.role) return user;
  let changed: UserRecord = { ...user, role };
  await withFreeName(keepsName ? user.name : wanted, (name) => {
    changed = { ...changed, name };
    return context.state.changeExternalUser(user.id, { name, role });
  });
  const taken = role === 'admin' ? '' : await withdrawn(context, { ...user, name: changed.name });
  const lost = role === 'admin' ? '' : await noteLostAdmin(context, user, person.issuer);
  const after = `${shown(changed)}, from ${person.issuer}${taken}${lost}`;
  const change = { action: 'user.update', subject: changed.name, before: shown(user), after };
  await audit({ kind: 'system' }, storeOf(context), change);
  return changed;
}

/** Out, with every session; the least role is kept, so that no way in and no count takes them for more. */
async function shutOut(context: HubContext, user: UserRecord, issuer: string): Promise<void> {
  const { state } = context;
  if (user.role !== 'viewer') {
    await state.changeExternalUser(user.id, { name: user.name, role: 'viewer' });
    const taken = await withdrawn(context, user);
    const lost = await noteLostAdmin(context, user, issuer);
    const after = `${user.name}, no role, from ${issuer}${taken}${lost}`;
    const change = { action: 'user.update', subject: user.name, before: shown(user), after };
    await audit({ kind: 'system' }, storeOf(context), change);
  }
  if ((await state.removeSessions(user.id, null)) > 0) context.stream.recheckViewers();
}

async function admit(context: HubContext, person: ExternalPerson): Promise<UserRecord> {
  const { roleMapping } = context.config.access;
  const role = mappedRole(roleMapping, person.groups);
  const identity = await context.state.getIdentity(person.issuer, person.subject);
  const user = identity === null ? null : await context.state.getUser(identity.userId);
  if (role === null) {
    if (user !== null) await shutOut(context, user, person.issuer);
    throw new HubError(
      'forbidden',
      `${shownName(person.name)} has no role in this hub: none of their groups gives one. Ask its administrator.`,
    );
  }
  if (user === null) return addUser(context, person, role);
  if (user.disabledAt !== null)
    throw new HubError('forbidden', `${user.name} is disabled in this hub. Ask its administrator.`);
  return follow(context, user, person, groupsDecide(roleMapping) ? role : user.role);
}

/** One at a time, so that two first requests of a person make one user. */
const admitting = new WeakMap<HubContext, Promise<unknown>>();

/**
 * The user of a person from outside: made at the first time, brought up to date later. Throws `forbidden`, in words
 * for that person, when they have no role or their user is disabled.
 */
export function admitExternal(context: HubContext, person: ExternalPerson): Promise<UserRecord> {
  const before = admitting.get(context) ?? Promise.resolve();
  const turn = before.then(() => admit(context, person));
  admitting.set(
    context,
    turn.catch(() => undefined),
  );
  return turn;
}
