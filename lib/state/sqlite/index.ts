import { openDatabase } from '../../sqlite/open-database.ts';
import { toStoreError } from '../../sqlite/store-errors.ts';
import type { StateSecrets, StateStore } from '../state-store.ts';
import { createAlertingTables } from './alerting.ts';
import { createAuditTable } from './audit.ts';
import { channelSecrets, sealPlainChannels } from './channel-secrets.ts';
import { createHostLivesTables } from './host-lives.ts';
import { createHostTable } from './hosts.ts';
import { createHubLabelsTable } from './hub-labels.ts';
import { createIdentityTable } from './identities.ts';
import { createInvitationTable } from './invitations.ts';
import { stateMigrations } from './migrations/index.ts';
import { createPausesTable } from './pauses.ts';
import { createSessionTable, createUserTable } from './people.ts';
import { promised } from './promised.ts';
import { createRolloutTable } from './rollouts.ts';
import { text } from './rows.ts';
import { createSshTables } from './ssh.ts';
import { createTokenTables } from './tokens.ts';
import { createVersionsTables } from './versions.ts';

export interface SqliteStateOptions {
  readonly path: string;
  /** `guest`: a command that works beside a hub which may be running; `own` (the hub) locks the file. */
  readonly role?: 'own' | 'guest';
  /** Without them, secrets of channels are written as they are, and sealed ones are not read. */
  readonly secrets?: StateSecrets;
}

const flushEveryMilliseconds = 500;

/**
 * Opens the state. Rejects with StoreError. Everything is on disk when its promise resolves, except report
 * notes, which lag by up to 30 s (and longer with very many hosts): they are only what a restarted hub shows as old.
 */
export async function createSqliteState(options: SqliteStateOptions): Promise<StateStore> {
  const { path, role = 'own', secrets = null } = options;
  const { db, close } = openDatabase({ path, kind: 'gpfs', migrations: stateMigrations, role });
  // Logins and credentials must outlive a power cut, so each commit is synced; notes are not worth that.
  const sync = (mode: 'FULL' | 'NORMAL'): void => db.exec(`PRAGMA synchronous = ${mode}`);
  sync('FULL');
  const hosts = createHostTable(db);
  const users = createUserTable(db);
  const tokens = createTokenTables(db);
  const versions = createVersionsTables(db);
  const identities = createIdentityTable(db, users.addUser);
  const alerting = createAlertingTables(db, secrets);
  const audit = createAuditTable(db);
  if (role === 'own' && secrets !== null) sealPlainChannels(db, channelSecrets(secrets));
  const sql = {
    getSetting: db.prepare('SELECT value FROM settings WHERE key = ?'),
    putSetting: db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)'),
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

  /** Makes a synchronous call one that rejects with StoreError only. */
  const attempt = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };

  return {
    ...promised(users, attempt),
    ...promised(createSessionTable(db), attempt),
    ...promised(createInvitationTable(db, users.addUser), attempt),
    ...promised(tokens, attempt),
    ...promised(versions, attempt),
    ...promised(identities, attempt),
    ...promised(alerting, attempt),
    ...promised(audit, attempt),
    ...promised(createRolloutTable(db), attempt),
    ...promised(createHostLivesTables(db), attempt),
    ...promised(createPausesTable(db, audit.appendAudit), attempt),
    ...promised(createSshTables(db, audit.appendAudit), attempt),
    ...promised(createHubLabelsTable(db, audit.appendAudit), attempt),
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
    getSetting: (key) =>
      attempt(() => {
        const row = sql.getSetting.get(key);
        return row === undefined ? null : text(row, 'value');
      }),
    putSetting: (key, value) => attempt(() => void sql.putSetting.run(key, value)),
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
