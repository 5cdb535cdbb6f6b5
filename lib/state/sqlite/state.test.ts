import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../sqlite/open-database.ts';
import type { HostRecord, SessionRecord, StateStore, UserRecord } from '../state-store.ts';
import { createHostTable } from './hosts.ts';
import { createSqliteState } from './index.ts';
import { stateMigrations } from './migrations/index.ts';

let folder = '';
let path = '';
let state: StateStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-state-'));
  path = join(folder, 'state.sqlite');
  state = await createSqliteState({ path });
});
afterEach(async () => {
  await state.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});
const reopen = async (): Promise<void> => {
  await state.close();
  state = await createSqliteState({ path });
};

const at = (day: number): string => `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const host = (id: string, changes: Partial<HostRecord> = {}): HostRecord => ({
  id,
  hostname: `name-${id}`,
  credentialHash: `hash-${id}`,
  enrolledAt: at(1),
  lastReportAt: null,
  lastReport: null,
  agentLabels: { rack: 'a1' },
  hubLabels: {},
  ...changes,
});
const note = (id: string, day: number) => ({
  id,
  hostname: `name-${id}`,
  lastReportAt: at(day),
  lastReport: `{"day":${day}}`,
  agentLabels: { rack: 'b2' },
});

const person = (id: string, role: UserRecord['role'], changes: Partial<UserRecord> = {}): UserRecord => ({
  id,
  name: `name-${id}`,
  role,
  createdAt: at(1),
  passwordHash: null,
  disabledAt: null,
  lastSeenAt: null,
  ...changes,
});
const sessionOf = (tokenHash: string, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  id: `id-${tokenHash}`,
  tokenHash,
  userId: 'u',
  how: 'link',
  peer: '127.0.0.1',
  userAgent: 'test',
  createdAt: at(1),
  expiresAt: at(9),
  lastSeenAt: at(1),
  ...changes,
});

describe('hosts', () => {
  test('come back as they were put, also after a restart', async () => {
    await state.putHost(host('b'));
    await state.putHost(host('a', { credentialHash: null, hubLabels: { group: 'x' } }));
    await reopen();
    expect(await state.listHosts()).toEqual([
      host('a', { credentialHash: null, hubLabels: { group: 'x' } }),
      host('b'),
    ]);
    expect(await state.findHostIdByCredential('hash-b')).toBe('b');
    expect(await state.findHostIdByCredential('hash-a')).toBeNull();
  });

  test('one credential cannot own two hosts', async () => {
    await state.putHost(host('a'));
    await expect(state.putHost(host('b', { credentialHash: 'hash-a' }))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'failed',
    });
  });

  test('notes show at once, survive a clean stop, and keep what they do not name', async () => {
    await state.putHost(host('a'));
    await state.noteReports([note('a', 2), note('a', 3)]);
    const expected = host('a', { lastReportAt: at(3), lastReport: '{"day":3}', agentLabels: { rack: 'b2' } });
    expect(await state.getHost('a')).toEqual(expected);
    await reopen();
    expect(await state.getHost('a')).toEqual(expected);
  });

  test('a removed host stays removed whatever is noted', async () => {
    await state.putHost(host('a'));
    await state.noteReports([note('a', 2)]);
    await state.removeHost('a');
    await state.noteReports([note('a', 3)]);
    await reopen();
    expect(await state.listHosts()).toEqual([]);
  });

  test('notes are written at once the first time, then every 30 s, a bounded number a time', () => {
    const opened = openDatabase({
      path: join(folder, 'x.sqlite'),
      kind: 'gpfs',
      migrations: stateMigrations,
      role: 'own',
    });
    const table = createHostTable(opened.db);
    const written = () =>
      opened.db.prepare('SELECT id, last_report_at FROM hosts WHERE last_report_at IS NOT NULL').all();
    for (let index = 0; index < 100; index++) table.put(host(`h${index}`));
    table.note(Array.from({ length: 100 }, (_, index) => note(`h${index}`, 2)));
    table.flush(1000);
    expect(written()).toHaveLength(32);
    for (const now of [1500, 2000, 2500]) table.flush(now);
    expect(written()).toHaveLength(100);
    table.note([note('h0', 3)]);
    table.flush(30_000);
    expect(written()).not.toContainEqual({ id: 'h0', last_report_at: at(3) });
    table.flush(31_000);
    expect(written()).toContainEqual({ id: 'h0', last_report_at: at(3) });
    opened.close();
  });
});

describe('people and tokens', () => {
  test('a login link works once, and not after it expired', async () => {
    const link = { tokenHash: 'l', userId: 'u', expiresAt: at(3) };
    await state.putLoginLink(link);
    expect(await state.peekLoginLink('l', at(2))).toEqual(link);
    expect(await state.peekLoginLink('l', at(3))).toBeNull();
    expect(await state.takeLoginLink('l', at(2))).toEqual(link);
    expect(await state.peekLoginLink('l', at(2))).toBeNull();
    expect(await state.takeLoginLink('l', at(2))).toBeNull();
    await state.putLoginLink(link);
    expect(await state.takeLoginLink('l', at(3))).toBeNull();
    expect(await state.takeLoginLink('l', at(2))).toBeNull();
  });

  test('users, sessions, tokens and settings come back as they were put', async () => {
    const user = person('u', 'admin', { passwordHash: 'x', lastSeenAt: at(2) });
    const session = sessionOf('s', { lastSeenAt: at(2) });
    const enrollment = {
      tokenHash: 'e',
      createdAt: at(1),
      expiresAt: at(2),
      createdBy: 'u',
      labels: { group: 'g' },
    };
    const token = {
      tokenHash: 't',
      name: 'prometheus',
      kind: 'scrape',
      role: 'viewer',
      createdAt: at(1),
      expiresAt: null,
      createdBy: 'user u',
      lastUsedAt: null,
    } as const;
    expect(await state.addUser(user)).toBe(true);
    await state.putSession(session);
    await state.putEnrollmentToken(enrollment);
    await state.putApiToken(token);
    await state.putSetting('epoch', '1');
    await state.putSetting('epoch', '2');
    await state.appendAudit({ at: at(1), actor: 'u', action: 'x', subject: 'y', before: null, after: '1' });
    await reopen();
    expect(await state.getUser('u')).toEqual(user);
    expect(await state.listUsers()).toEqual([user]);
    expect(await state.getSession('s')).toEqual(session);
    expect(await state.getEnrollmentToken('e')).toEqual(enrollment);
    expect(await state.listEnrollmentTokens()).toEqual([enrollment]);
    expect(await state.getApiToken('t')).toEqual(token);
    expect(await state.listApiTokens()).toEqual([token]);
    expect(await state.getSetting('epoch')).toBe('2');
    expect(await state.getSetting('none')).toBeNull();
    await state.removeSession('s');
    await state.removeApiToken('t');
    await state.removeEnrollmentToken('e');
    expect([await state.getSession('s'), await state.getApiToken('t')]).toEqual([null, null]);
    expect(await state.listEnrollmentTokens()).toEqual([]);
  });

  test('expired sessions and enrolment tokens go when a new one is written', async () => {
    await state.putSession(sessionOf('old', { expiresAt: at(2) }));
    await state.putSession(sessionOf('new', { lastSeenAt: at(3) }));
    expect(await state.getSession('old')).toBeNull();
  });
});

describe('beside a running hub', () => {
  test('a command as guest reads and writes; a second hub is refused', async () => {
    await expect(createSqliteState({ path })).rejects.toMatchObject({ code: 'cannot-open' });
    const guest = await createSqliteState({ path, role: 'guest' });
    await guest.putLoginLink({ tokenHash: 'l', userId: 'u', expiresAt: at(9) });
    await guest.close();
    expect(await state.takeLoginLink('l', at(1))).not.toBeNull();
  });

  test('what is asked after close is refused as a StoreError', async () => {
    await state.close();
    await expect(state.listHosts()).rejects.toMatchObject({ name: 'StoreError' });
  });
});
