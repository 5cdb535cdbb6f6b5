import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../state/state-store.ts';
import { toStoreError } from './store-errors.ts';

/** The way back to the gpufleet of before is kept this long. */
const keptMilliseconds = 30 * 86_400_000;

/**
 * A whole copy beside the database, `<name>.schema-<version>`, before its schema changes: on disk, or an error and
 * nothing changed. Commands that read at the same time do not matter to it.
 */
export function copyBefore(db: DatabaseSync, path: string, version: number): void {
  const copy = `${path}.schema-${version}`;
  const next = `${copy}.next`;
  try {
    rmSync(next, { force: true });
    db.prepare('VACUUM INTO ?').run(next);
    syncToDisk(next);
    renameSync(next, copy);
    syncToDisk(dirname(path));
  } catch (error) {
    rmSync(next, { force: true });
    const { code, message } = toStoreError(error, copy);
    if (code !== 'full') throw error;
    const pages = db.prepare(
      'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    );
    const mebibytes = Math.ceil(Number(pages.get()?.['bytes']) / 2 ** 20);
    throw new StoreError(
      code,
      `${path} was left as it is: the disk has no room for the copy that is made before an update (about ${mebibytes} MiB): ${message}`,
      { cause: error },
    );
  }
}

/** Removes copies that are not of the schema just before, or older than a month. Never fails: they only take room. */
export function removeOldCopies(path: string, current: number): void {
  try {
    const prefix = `${basename(path)}.schema-`;
    const copies = readdirSync(dirname(path))
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => ({ file: join(dirname(path), name), version: Number(name.slice(prefix.length)) }));
    const newest = Math.max(...copies.map(({ version }) => version).filter((version) => version < current));
    for (const { file, version } of copies)
      if (version < newest || Date.now() - statSync(file).mtimeMs > keptMilliseconds) rmSync(file);
  } catch {
    // Tried again at the next start.
  }
}

/** A file, or a folder's list of names. */
function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
