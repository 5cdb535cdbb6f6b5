import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../state/state-store.ts';
import { copyBefore, removeOldCopies } from './copy-before.ts';
import { isBusy, toStoreError } from './store-errors.ts';

/** One numbered step; its number is its place in the list, from 1. Steps are never changed, only added. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export interface OpenOptions {
  readonly path: string;
  /** Four letters that mark the file as ours, so that another program's database is never touched. */
  readonly kind: string;
  readonly migrations: readonly Migration[];
  /** `own`: the one hub of this file. `guest`: a command beside a hub that may be running; it never migrates. */
  readonly role: 'own' | 'guest';
}

export interface OpenDatabase {
  readonly db: DatabaseSync;
  /** Closes the database and lets another process have it. */
  close(): void;
}

/** Above this size the whole file is not checked at start, only its head; reading meets damage later. */
const maxCheckedBytes = 64 * 2 ** 20;
const busyTimeoutMilliseconds = 5000;

/** Opens, checks, locks and migrates one database. Throws StoreError; the file is kept whatever happens. */
export function openDatabase(options: OpenOptions): OpenDatabase {
  const { path } = options;
  let release = (): void => {};
  let db: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (options.role === 'own') release = holdLock(path);
    db = new DatabaseSync(path, { timeout: busyTimeoutMilliseconds });
    check(db, options);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = ON');
    db.exec('PRAGMA synchronous = NORMAL');
    migrate(db, options);
    if (options.role === 'own') removeOldCopies(path, options.migrations.length);
  } catch (error) {
    db?.close();
    release();
    throw toStoreError(error, path);
  }
  const opened = db;
  return {
    db: opened,
    close: () => {
      opened.close();
      release();
    },
  };
}

/** An SQLite lock on a file beside it: the system lets go of it when the process dies, however it dies. */
export function holdLock(path: string): () => void {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StoreError(
      'cannot-open',
      `${path} is in use by another gpufleet hub: stop it, or use another --data`,
    );
  }
  return () => lock.close();
}

function check(db: DatabaseSync, { path, kind, migrations }: OpenOptions): void {
  const version = readPragma(db, 'user_version');
  const isSmall = statSync(path).size <= maxCheckedBytes;
  if (isSmall) {
    const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (found !== 'ok') throw new StoreError('corrupt', damaged(path, String(found)));
  }
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  if (tables > 0 && readPragma(db, 'application_id') !== marker(kind)) {
    throw new StoreError('cannot-open', `${path} is a database of another program; it was left as it is`);
  }
  if (version > migrations.length) {
    throw new StoreError(
      'newer-schema',
      `${path} was written by a newer gpufleet (schema ${version}; this one knows ${migrations.length}): update gpufleet, or use another --data`,
    );
  }
}

function migrate(db: DatabaseSync, { path, kind, migrations, role }: OpenOptions): void {
  const version = readPragma(db, 'user_version');
  if (version === migrations.length) return;
  if (role === 'guest') {
    throw new StoreError('cannot-open', `${path} has an older schema: start the hub once, which updates it`);
  }
  if (version > 0) copyBefore(db, path, version);
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    inTransaction(db, () => {
      db.exec(migration.sql);
      db.exec(`PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${marker(kind)}`);
    });
  }
}

/** Runs `work` in one transaction: all of it or nothing. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors, a full disk among them.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export function readPragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

const damaged = (path: string, detail: string): string =>
  `${path} is damaged; it was left as it is: move it away to start with an empty one (${detail.split('\n').pop()})`;

export const marker = (kind: string): number =>
  Buffer.from(kind.padEnd(4).slice(0, 4), 'latin1').readInt32BE();
