import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InvitationRecord, SessionRecord, StateStore, UserRecord } from '../state-store.ts';
import { createSqliteState } from './index.ts';
import { first } from './migrations/0001-first.ts';

let folder = '';
let path = '';
let state: StateStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-people-'));
  path = join(folder, 'state.sqlite');
  state = await createSqliteState({ path });
});
afterEach(async () => {
  await state.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

const at = (day: number): string => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const user = (id: string, role: UserRecord['role'], changes: Partial<UserRecord> = {}): UserRecord => ({
  id,
  name: id,
  role,
  createdAt: at(1),
  passwordHash: null,
  disabledAt: null,
  lastSeenAt: null,
  ...changes,
});
const session = (id: string, userId: string, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  tokenHash: `hash-${id}`,
  userId,
  how: 'password',
  peer: '10.0.0.1',
  userAgent: 'test',
  createdAt: at(1),
  expiresAt: at(9),
  lastSeenAt: at(1),
  ...changes,
});
const invitation = (id: string, changes: Partial<InvitationRecord> = {}): InvitationRecord => ({
  id,
  tokenHash: `hash-${id}`,
  name: null,
  role: 'viewer',
  createdBy: 'user root',
  createdAt: at(1),
  expiresAt: at(5),
  acceptedAt: null,
  ...changes,
});

describe('users', () => {
  test('a name is taken whatever the case of its letters', async () => {
    expect(await state.addUser(user('a', 'viewer', { name: 'Ada' }))).toBe(true);
    expect(await state.addUser(user('b', 'viewer', { name: 'aDA' }))).toBe(false);
    expect((await state.findUser('ADA'))?.id).toBe('a');
    expect(await state.findUser('nobody')).toBeNull();
  });

  test.each([
    ['demoted', (store: StateStore) => store.changeUser('root', { role: 'viewer' })],
    ['disabled', (store: StateStore) => store.changeUser('root', { disabledAt: at(2) })],
    ['removed', (store: StateStore) => store.removeUser('root')],
  ])('the last administrator who may sign in is not %s', async (_, change) => {
    const root = user('root', 'admin');
    await state.addUser(root);
    await state.addUser(user('off', 'admin', { disabledAt: at(1) }));
    await state.addUser(user('low', 'operator'));
    expect(await change(state)).toBe('last-admin');
    expect(await state.getUser('root')).toEqual(root);
    await state.changeUser('off', { disabledAt: null });
    expect(await change(state)).toBe('done');
    expect(await state.getUser('root')).not.toEqual(root);
  });

  test('of two administrators who take each other’s role at once, one stays', async () => {
    await state.addUser(user('a', 'admin'));
    await state.addUser(user('b', 'admin'));
    const outcomes = await Promise.all(['a', 'b'].map((id) => state.changeUser(id, { role: 'viewer' })));
    expect(outcomes.sort()).toEqual(['done', 'last-admin']);
  });

  test('disabling and removing take sessions and login links along', async () => {
    await state.addUser(user('root', 'admin'));
    for (const id of ['a', 'b']) {
      await state.addUser(user(id, 'viewer'));
      await state.putSession(session(`s-${id}`, id));
      await state.putLoginLink({ tokenHash: `l-${id}`, userId: id, expiresAt: at(9) });
    }
    await state.putSession(session('s-root', 'root'));
    expect(await state.changeUser('a', { disabledAt: at(2) })).toBe('done');
    expect(await state.removeUser('b')).toBe('done');
    expect((await state.listSessions(null, at(2))).map(({ id }) => id)).toEqual(['s-root']);
    for (const id of ['a', 'b']) expect(await state.takeLoginLink(`l-${id}`, at(2))).toBeNull();
    expect(await state.removeUser('b')).toBe('no-such-user');
  });
});

describe('sessions', () => {
  test('end one, or all but one, of a user; expired ones are not listed', async () => {
    for (const id of ['1', '2', '3']) await state.putSession(session(id, 'u'));
    await state.putSession(session('old', 'u', { expiresAt: at(3) }));
    await state.putSession(session('other', 'v'));
    expect((await state.listSessions('u', at(3))).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(await state.removeSessions('u', '2')).toBe(3);
    expect((await state.listSessions(null, at(2))).map(({ id }) => id)).toEqual(['2', 'other']);
  });

  test('a use is noted for the session and its user, and does not bring an ended one back', async () => {
    await state.addUser(user('u', 'viewer'));
    await state.putSession(session('1', 'u'));
    await state.touchSession('hash-1', { lastSeenAt: at(2), expiresAt: at(10) });
    expect(await state.getSession('hash-1')).toMatchObject({ lastSeenAt: at(2), expiresAt: at(10) });
    expect((await state.getUser('u'))?.lastSeenAt).toBe(at(2));
    await state.removeSession('hash-1');
    await state.touchSession('hash-1', { lastSeenAt: at(3), expiresAt: at(11) });
    expect(await state.getSession('hash-1')).toBeNull();
    expect((await state.getUser('u'))?.lastSeenAt).toBe(at(2));
  });
});

test('a user has a hundred sessions at most, those used last', async () => {
  for (let number = 0; number < 102; number += 1)
    await state.putSession(
      session(String(number), 'u', {
        lastSeenAt: at(number === 0 ? 8 : 2),
        createdAt: `${number}`.padStart(3, '0'),
      }),
    );
  await state.putSession(session('other', 'v'));
  const left = (await state.listSessions('u', at(3))).map(({ id }) => id);
  expect(left).toHaveLength(100);
  expect([left.includes('0'), left.includes('1'), left.includes('2'), left.includes('3')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(await state.listSessions('v', at(3))).toHaveLength(1);
});

describe('invitations', () => {
  test('one makes one user, once, and not after it expired', async () => {
    await state.putInvitation(invitation('i'));
    await state.addUser(user('taken', 'viewer'));
    expect(await state.acceptInvitation('hash-i', user('x', 'viewer', { name: 'TAKEN' }))).toBe('name-taken');
    expect(await state.acceptInvitation('hash-i', user('x', 'viewer', { createdAt: at(5) }))).toBe('gone');
    expect(await state.acceptInvitation('hash-i', user('x', 'viewer', { createdAt: at(2) }))).toBe('done');
    expect(await state.acceptInvitation('hash-i', user('y', 'viewer', { createdAt: at(3) }))).toBe('gone');
    expect(await state.getInvitation('hash-i')).toMatchObject({ acceptedAt: at(2) });
    expect(await state.listInvitations(at(3))).toEqual([]);
    expect((await state.listUsers()).map(({ id }) => id)).toEqual(['taken', 'x']);
  });

  test('are withdrawn one by one, or with whoever made them', async () => {
    await state.putInvitation(invitation('1'));
    await state.putInvitation(invitation('2'));
    await state.putInvitation(invitation('3', { createdBy: 'user other' }));
    expect(await state.removeInvitation('1')).toBe(true);
    expect(await state.removeInvitation('1')).toBe(false);
    expect(await state.removeInvitationsBy('user root')).toBe(1);
    expect((await state.listInvitations(at(2))).map(({ id }) => id)).toEqual(['3']);
  });

  test('stay those of somebody whose name changes outside', async () => {
    const user = { id: 'u', name: 'eve', role: 'admin', createdAt: at(1) } as const;
    const rest = { passwordHash: null, disabledAt: null, lastSeenAt: null };
    const identity = { issuer: 'proxy', subject: 'eve', userId: 'u', createdAt: at(1) };
    expect(await state.addExternalUser({ ...user, ...rest }, identity)).toBe(true);
    const other = { ...user, ...rest, id: 'v', name: 'Root' };
    await state.addExternalUser(other, { ...identity, subject: 'root', userId: 'v' });
    await state.putInvitation(invitation('1', { createdBy: 'user eve' }));
    expect(await state.changeExternalUser('u', { name: 'root', role: 'admin' })).toBe(false);
    expect(await state.changeExternalUser('u', { name: 'eva', role: 'admin' })).toBe(true);
    expect(await state.removeInvitationsBy('user eve')).toBe(0);
    expect(await state.removeInvitationsBy('user eva')).toBe(1);
  });
});

test('the audit log is read from the newest back, a page at a time, by what it says and when', async () => {
  for (let day = 1; day <= 5; day += 1)
    await state.appendAudit({
      at: at(day),
      actor: day % 2 === 0 ? 'user Ada' : 'system',
      action: day === 5 ? 'host.remove' : 'user.role',
      subject: `s${day}`,
      before: null,
      after: '100%_',
    });
  const days = async (query: Omit<Parameters<StateStore['listAudit']>[0], 'limit'>, limit = 10) =>
    (await state.listAudit({ ...query, limit })).map(({ subject }) => subject).join(' ');
  expect(await days({})).toBe('s5 s4 s3 s2 s1');
  const [, second] = await state.listAudit({ limit: 2 });
  expect(await days(second === undefined ? {} : { beforeId: second.id }, 2)).toBe('s3 s2');
  expect(await days({ actor: 'ada' })).toBe('s4 s2');
  expect(await days({ action: 'HOST.' })).toBe('s5');
  expect(await days({ actor: '%' })).toBe('');
  expect(await days({ from: at(2), to: at(4), subject: 's' })).toBe('s4 s3 s2');
});

test('a database of the first schema keeps its people, sessions and tokens', async () => {
  await state.close();
  rmSync(path);
  const old = new DatabaseSync(path);
  old.exec(first.sql);
  old.exec(`PRAGMA user_version = 1; PRAGMA application_id = ${Buffer.from('gpfs').readInt32BE()}`);
  old.exec(`INSERT INTO users VALUES ('admin', 'admin', 'admin', '${at(1)}');
    INSERT INTO sessions VALUES ('h1', 'admin', '${at(1)}', '${at(9)}', '${at(1)}');
    INSERT INTO sessions VALUES ('h2', 'admin', '${at(1)}', '${at(9)}', '${at(1)}');
    INSERT INTO api_tokens VALUES ('t', 'n', 'api', 'viewer', '${at(1)}', NULL);`);
  old.close();
  state = await createSqliteState({ path });
  expect(await state.listUsers()).toEqual([user('admin', 'admin')]);
  expect(await state.getSession('h1')).toMatchObject({ userId: 'admin', how: 'link', peer: 'unknown' });
  expect(new Set((await state.listSessions(null, at(2))).map(({ id }) => id)).size).toBe(2);
  expect(await state.getApiToken('t')).toMatchObject({ createdBy: 'system', lastUsedAt: null });
});
