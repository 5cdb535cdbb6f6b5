import type { StateStore, UserOutcome, UserRecord } from '../state/state-store.ts';
import { HubError, refusedField } from './errors.ts';

/** What an operation on people needs; a command beside the hub has it too. */
export interface PeopleAt {
  readonly state: StateStore;
  readonly nowMillis: number;
}

export const leastPasswordCharacters = 12;
const mostPasswordCharacters = 256;
/** ASCII only, so that no name passes for another. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;
const leastDifferentCharacters = 5;

/** Throws `unprocessable` unless it can be a user's name. */
export function checkUserName(name: string, pointer = '/name'): void {
  if (!namePattern.test(name))
    throw refusedField(
      pointer,
      'A name is 1 to 64 letters, digits and . _ @ + -, and begins with a letter or digit.',
    );
}

/** Throws `unprocessable` unless it can be this user's password. */
export function checkPassword(password: string, name: string, pointer = '/password'): void {
  const characters = [...password.normalize('NFKC')];
  if (characters.length < leastPasswordCharacters)
    throw refusedField(pointer, `A password has at least ${leastPasswordCharacters} characters.`);
  if (characters.length > mostPasswordCharacters)
    throw refusedField(pointer, `A password has at most ${mostPasswordCharacters} characters.`);
  const isOwnName = password.toLowerCase().replaceAll(name.toLowerCase(), '').length < 4;
  if (isOwnName) throw refusedField(pointer, 'A password is not the user’s own name.');
  if (new Set(characters).size < leastDifferentCharacters)
    throw refusedField(pointer, 'A password of so few different characters is guessed at once.');
}

export const nameTaken = (name: string): HubError =>
  new HubError('conflict', `There is a user named "${name}" already.`, {
    errors: [{ pointer: '/name', detail: 'taken' }],
  });

/** Whether anyone who may sign in is an administrator. */
export const hasAdministrator = async (state: StateStore): Promise<boolean> =>
  (await state.listUsers()).some(({ role, disabledAt }) => role === 'admin' && disabledAt === null);

/** Throws `not-found`. */
export async function userById(state: StateStore, id: string): Promise<UserRecord> {
  const user = await state.getUser(id);
  if (user === null) throw new HubError('not-found', `There is no user ${id}.`);
  return user;
}

/** Throws `not-found` or `conflict` for what the store refused. */
export function requireDone(outcome: UserOutcome, user: UserRecord): void {
  if (outcome === 'no-such-user') throw new HubError('not-found', `There is no user ${user.name} any more.`);
  if (outcome === 'last-admin')
    throw new HubError(
      'conflict',
      `${user.name} is the last administrator who may sign in. Make another one first.`,
    );
}

/** What someone who is no administrator any more may have left as a way back in. */
export async function withdrawInvitationsOf(state: StateStore, user: UserRecord): Promise<string> {
  const count = await state.removeInvitationsBy(`user ${user.name}`);
  return count === 0 ? '' : `, ${count} open ${count === 1 ? 'invitation' : 'invitations'} withdrawn`;
}
