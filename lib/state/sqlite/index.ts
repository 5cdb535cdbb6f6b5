import { openDatabase } from '../../sqlite/open-database.ts';
import { toStoreError } from '../../sqlite/store-errors.ts';
import type { AuditRecord, StateStore } from '../state-store.ts';
import { createHostTable } from './hosts.ts';
import { stateMigrations } from './migrations.ts';
import { createPeopleTables } from './people.ts';
import { text } from './rows.ts';
import { createTokenTables } from './tokens.ts';

export interface SqliteStateOptions {
  readonly path: string;
  /** `guest`: a command that works beside a hub which may be running; `own` (the hub) locks the file. */
  readonly role?: 'own' | 'guest';
}

const flushEveryMilliseconds = 1000;

/**
 * Opens the state. Rejects with StoreError. Everything is on disk when its promise resolves, except report
 * notes, which lag by up to 30 s (and longer with very many hosts): they are only what a restarted hub shows as old.
 */
export async function createSqliteState({ path, role = 'own' }: SqliteStateOptions): Promise<StateStore> {
  const { db, close } = openDatabase({ path, kind: 'gpfs', migrations: stateMigrations, role });
  // Logins and credentials must outlive a power cut, so each commit is synced; notes are not worth that.
  const sync = (mode: 'FULL' | 'NORMAL'): void => db.exec(`PRAGMA synchronous = ${mode}`);
  sync('FULL');
  const hosts = createHostTable(db);
  const people = createPeopleTables(db);
  const tokens = createTokenTables(db);
  const sql = {
    getSetting: db.prepare('SELECT value FROM settings WHERE key = ?'),
    putSetting: db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)'),
    audit: db.prepare(
      'INSERT INTO audit (at, actor, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)',
    ),
  };
  const flush = (everything: boolean): void => {
    sync('NORMAL');
    try {
      hosts.flush(performance.now(), everything);
    } finally {
      sync('FULL');
    }
  };
  let lastFlushError: unknown = null;
  const timer = setInterval(() => {
    try {
      flush(false);
      lastFlushError = null;
    } catch (error) {
      // Notes stay in memory and are tried again; the next noteReports says so.
      lastFlushError = error;
    }
  }, flushEveryMilliseconds).unref();

  /** Turns a synchronous call into one that rejects with StoreError only. */
  const attempt = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };

  return {
    listHosts: () => attempt(() => hosts.list()),
    getHost: (id) => attempt(() => hosts.get(id)),
    findHostIdByCredential: (hash) => attempt(() => hosts.findIdByCredential(hash)),
    putHost: (host) => attempt(() => hosts.put(host)),
    noteReports: (notes) =>
      attempt(() => {
        hosts.note(notes);
        if (lastFlushError !== null) throw lastFlushError;
      }),
    removeHost: (id) => attempt(() => hosts.remove(id)),
    listUsers: () => attempt(() => people.listUsers()),
    getUser: (id) => attempt(() => people.getUser(id)),
    putUser: (user) => attempt(() => people.putUser(user)),
    putSession: (session) => attempt(() => people.putSession(session)),
    getSession: (hash) => attempt(() => people.getSession(hash)),
    removeSession: (hash) => attempt(() => people.removeSession(hash)),
    putLoginLink: (link) => attempt(() => people.putLoginLink(link)),
    hasLoginLink: (hash, now) => attempt(() => people.hasLoginLink(hash, now)),
    takeLoginLink: (hash, now) => attempt(() => people.takeLoginLink(hash, now)),
    putEnrollmentToken: (token) => attempt(() => tokens.putEnrollmentToken(token)),
    getEnrollmentToken: (hash) => attempt(() => tokens.getEnrollmentToken(hash)),
    listEnrollmentTokens: () => attempt(() => tokens.listEnrollmentTokens()),
    removeEnrollmentToken: (hash) => attempt(() => tokens.removeEnrollmentToken(hash)),
    putApiToken: (token) => attempt(() => tokens.putApiToken(token)),
    getApiToken: (hash) => attempt(() => tokens.getApiToken(hash)),
    listApiTokens: () => attempt(() => tokens.listApiTokens()),
    removeApiToken: (hash) => attempt(() => tokens.removeApiToken(hash)),
    getSetting: (key) =>
      attempt(() => {
        const row = sql.getSetting.get(key);
        return row === undefined ? null : text(row, 'value');
      }),
    putSetting: (key, value) => attempt(() => void sql.putSetting.run(key, value)),
    appendAudit: (record: AuditRecord) =>
      attempt(() => {
        const { at, actor, action, subject, before, after } = record;
        sql.audit.run(at, actor, action, subject, before, after);
      }),
    close: () =>
      attempt(() => {
        clearInterval(timer);
        try {
          flush(true);
        } finally {
          close();
        }
      }),
  };
}
