import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { StoreError } from '../state/state-store.ts';
import { marker, readPragma } from './open-database.ts';
import { toStoreError } from './store-errors.ts';

export interface SnapshotOptions {
  readonly path: string;
  /** Four letters that mark the file as ours. */
  readonly kind: string;
  /** Of the newest schema that this gpufleet knows. */
  readonly schema: number;
}

/** One moment of a database that its hub goes on writing. Until it is closed, the hub's log of changes grows. */
export interface Snapshot {
  readonly bytes: number;
  readonly schema: number;
  /** Copies that moment into a new file, checked and on disk. Rejects with StoreError, or the signal's reason. */
  copyTo(path: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Written and synced at a time, so that the hub's own commits never wait for more than this. */
const pagesAtATime = 512;
const busyTimeoutMilliseconds = 5000;

/** Takes no lock that a hub would notice, and changes nothing. Throws StoreError. */
export function openSnapshot(options: SnapshotOptions): Snapshot {
  const { path } = options;
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMilliseconds });
    // The first read is what fixes the moment.
    db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    const schema = identify(db, options);
    const bytes = readPragma(db, 'page_count') * readPragma(db, 'page_size');
    return snapshotOf(db, { path, bytes, schema });
  } catch (error) {
    db?.close();
    throw toStoreError(error, path);
  }
}

function snapshotOf(db: DatabaseSync, of: { path: string; bytes: number; schema: number }): Snapshot {
  return {
    bytes: of.bytes,
    schema: of.schema,
    async copyTo(target, signal) {
      try {
        await copySteadily(db, target, signal);
        finishCopy(target, of.path);
      } catch (error) {
        signal.throwIfAborted();
        throw toStoreError(error, target);
      }
    },
    close: () => db.close(),
  };
}

async function copySteadily(db: DatabaseSync, target: string, signal: AbortSignal): Promise<void> {
  let descriptor: number | null = null;
  try {
    await backup(db, target, {
      rate: pagesAtATime,
      progress: () => {
        signal.throwIfAborted();
        descriptor ??= openSync(target, 'r+');
        fdatasyncSync(descriptor);
      },
    });
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Makes it one file, without a log of changes beside it, and reads it all: a copy of a damaged database is none. */
function finishCopy(target: string, source: string): void {
  const db = new DatabaseSync(target);
  try {
    db.exec('PRAGMA journal_mode = DELETE');
    const found = String(db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
    if (found !== 'ok')
      throw new StoreError(
        'corrupt',
        `${source} is damaged, so it was not backed up (${found.split('\n').pop()})`,
      );
  } finally {
    db.close();
  }
}

/** The number of its schema. Throws StoreError for what is not ours or is newer. */
function identify(db: DatabaseSync, { path, kind, schema }: SnapshotOptions): number {
  if (readPragma(db, 'application_id') !== marker(kind))
    throw new StoreError(
      'cannot-open',
      `${path} is no ${kind === 'gpfs' ? 'state' : 'history'} of a gpufleet hub`,
    );
  const found = readPragma(db, 'user_version');
  if (found > schema)
    throw new StoreError(
      'newer-schema',
      `${path} was written by a newer gpufleet (schema ${found}; this one knows ${schema}): use that one's command`,
    );
  return found;
}
