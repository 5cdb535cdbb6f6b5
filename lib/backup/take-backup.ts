import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { openSnapshot, type Snapshot } from '../sqlite/snapshot.ts';
import { toStoreError } from '../sqlite/store-errors.ts';
import { StoreError } from '../state/state-store.ts';
import { packFolder } from './archive.ts';
import { checksumOf, createSteadyFile, requireRoom, syncFolder } from './disk.ts';
import {
  type BackedFile,
  type KnownDatabase,
  keyFiles,
  type Manifest,
  makeManifest,
  manifestName,
} from './manifest.ts';

export interface BackupOptions {
  readonly dataFolder: string;
  /** A path, compressed when it ends in `.gz` or `.tgz`; or a stream, never compressed. */
  readonly target: string | Writable;
  /** Whether a file that is there is replaced. */
  readonly replace: boolean;
  /**
   * In the order in which their moments are taken: the history before the state, so that a host whose readings are in
   * the one is known to the other.
   */
  readonly databases: readonly KnownDatabase[];
  readonly version: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface Backup {
  readonly manifest: Manifest;
  /** Of the archive. */
  readonly bytes: number;
}

const stagingPrefix = '.gpufleet-backup-';
/** What a killed backup left is removed after this long. */
const staleMilliseconds = 86_400_000;

/**
 * Copies a hub's databases and keys, beside the running hub or without one, into one archive that is whole or not there.
 * Rejects with StoreError, or the signal's reason.
 */
export async function takeBackup(options: BackupOptions): Promise<Backup> {
  const { target, dataFolder } = options;
  const folder = typeof target === 'string' ? dirname(target) : dataFolder;
  try {
    await refuseExisting(options);
    await removeStale(folder, options.now);
    const staging = await mkdtemp(join(folder, stagingPrefix));
    try {
      return await backUpThrough(staging, folder, options);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw toStoreError(error, typeof target === 'string' ? target : 'the backup');
  }
}

async function refuseExisting({ target, replace }: BackupOptions): Promise<void> {
  if (typeof target !== 'string') return;
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  if (!found.isFile()) throw new StoreError('unwritable', `${target} is there and is no file`);
  if (!replace)
    throw new StoreError('unwritable', `${target} is there already: use another name, or --force`);
}

async function backUpThrough(staging: string, folder: string, options: BackupOptions): Promise<Backup> {
  const { target, version, now, signal } = options;
  const schemas = await copyDatabases(staging, options);
  const keys = await copyKeys(staging, options.dataFolder);
  const files: BackedFile[] = [];
  for (const path of [...options.databases.map(({ name }) => name), ...keys])
    files.push({ path, ...(await checksumOf(join(staging, path))), schema: schemas.get(path) ?? null });
  const manifest = { version, takenAt: now.toISOString(), files };
  await writeFile(join(staging, manifestName), makeManifest(manifest), { mode: 0o600 });
  const names = [manifestName, ...files.map(({ path }) => path)];
  const gzip = typeof target === 'string' && /\.t?gz$/.test(target);
  const chunks = packFolder(staging, names, { gzip, takenAt: now });
  const bytes =
    typeof target === 'string'
      ? await writeFileWhole(chunks, {
          part: join(staging, 'archive'),
          target,
          replace: options.replace,
          signal,
        })
      : await writeStream(chunks, target, signal);
  if (typeof target === 'string') await syncFolder(folder);
  return { manifest: { format: 1, ...manifest }, bytes };
}

async function copyDatabases(staging: string, options: BackupOptions): Promise<ReadonlyMap<string, number>> {
  const { databases, dataFolder, signal } = options;
  const open: { name: string; snapshot: Snapshot }[] = [];
  try {
    for (const { name, kind, schema } of databases)
      open.push({ name, snapshot: openSnapshot({ path: join(dataFolder, name), kind, schema }) });
    const bytes = open.reduce((sum, { snapshot }) => sum + snapshot.bytes, 0);
    // The copies, and the archive of them.
    await requireRoom(dirname(staging), bytes * (typeof options.target === 'string' ? 2 : 1), 'a backup');
    for (const { name, snapshot } of open) await snapshot.copyTo(join(staging, name), signal);
    return new Map(open.map(({ name, snapshot }) => [name, snapshot.schema]));
  } finally {
    for (const { snapshot } of open) snapshot.close();
  }
}

/** The names of those that are there: without `--tls-auto` none of TLS, without a secret none for those. */
async function copyKeys(staging: string, dataFolder: string): Promise<string[]> {
  const copied: string[] = [];
  for (const name of keyFiles) {
    await mkdir(dirname(join(staging, name)), { recursive: true, mode: 0o700 });
    try {
      await copyFile(join(dataFolder, name), join(staging, name));
      copied.push(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return copied;
}

interface FileTarget {
  readonly part: string;
  readonly target: string;
  readonly replace: boolean;
  readonly signal: AbortSignal;
}

async function writeFileWhole(
  chunks: AsyncIterable<Uint8Array>,
  { part, target, replace, signal }: FileTarget,
): Promise<number> {
  const file = await createSteadyFile(part);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await file.write(chunk);
      bytes += chunk.byteLength;
    }
  } finally {
    await file.close();
  }
  if (replace) await rename(part, target);
  else await linkOrRename(part, target);
  return bytes;
}

/** A link is refused where a file has come to be meanwhile; not every file system has links. */
async function linkOrRename(part: string, target: string): Promise<void> {
  try {
    await link(part, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new StoreError('unwritable', `${target} is there already: use another name, or --force`);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    await rename(part, target);
  }
}

async function writeStream(
  chunks: AsyncIterable<Uint8Array>,
  target: Writable,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  // A reader that goes away is told by the write that it fails.
  target.on('error', () => undefined);
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    bytes += chunk.byteLength;
    await new Promise<void>((resolve, reject) =>
      target.write(chunk, (error) => (error ? reject(error) : resolve())),
    );
  }
  return bytes;
}

async function removeStale(folder: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(stagingPrefix)) continue;
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: now.getTime() }));
    if (now.getTime() - mtimeMs > staleMilliseconds)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
