import { createHash } from 'node:crypto';
import { chown, mkdir, mkdtemp, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { holdLock } from '../sqlite/open-database.ts';
import { openSnapshot } from '../sqlite/snapshot.ts';
import { toStoreError } from '../sqlite/store-errors.ts';
import { StoreError } from '../state/state-store.ts';
import { type ArchiveEntry, eachEntry } from './archive.ts';
import { createSteadyFile, requireRoom, syncFolder } from './disk.ts';
import {
  type BackedFile,
  type KnownDatabase,
  type Manifest,
  manifestName,
  maxManifestBytes,
  readManifest,
} from './manifest.ts';

export interface RestoreOptions {
  readonly source: Readable;
  /** What messages call the source: its path, or `stdin`. */
  readonly archive: string;
  readonly dataFolder: string;
  /** Whether what is in the folder is moved aside; a folder in use is refused all the same. */
  readonly force: boolean;
  readonly databases: readonly KnownDatabase[];
  readonly now: Date;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Where what was there is now; null when nothing was. */
  readonly movedTo: string | null;
}

/** Of the system's or of ours, and no data. */
const noContent = (name: string): boolean =>
  name === 'lost+found' || name.endsWith('.lock') || name.startsWith('.restore-');

/**
 * Unpacks a backup beside what is there, checks all of it, and only then puts it in place. Rejects with StoreError; the
 * folder is then as it was.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataFolder } = options;
  let isNew = false;
  try {
    isNew = (await mkdir(dataFolder, { recursive: true, mode: 0o700 })) !== undefined;
    return await restoreInto(options);
  } catch (error) {
    if (isNew) await rmdir(dataFolder).catch(() => undefined);
    throw toStoreError(error, dataFolder);
  }
}

async function restoreInto(options: RestoreOptions): Promise<Restored> {
  const { dataFolder, databases, force } = options;
  const present = (await readdir(dataFolder)).filter((name) => !noContent(name));
  if (present.length > 0 && !force)
    throw new StoreError(
      'cannot-open',
      `${dataFolder} is not empty: give an empty or absent --data, or --force to move what is there aside`,
    );
  const releases: (() => void)[] = [];
  try {
    if (present.length > 0) for (const { name } of databases) releases.push(holdLock(join(dataFolder, name)));
    const staging = await mkdtemp(join(dataFolder, '.restore-'));
    try {
      const manifest = await unpack(staging, options);
      for (const { name, kind, schema } of databases)
        openSnapshot({ path: join(staging, name), kind, schema }).close();
      await giveToOwner(staging, manifest, dataFolder);
      const movedTo = present.length > 0 ? await moveAside(present, options) : null;
      await putInPlace(staging, manifest, options);
      return { manifest, movedTo };
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  } finally {
    for (const release of releases) release();
  }
}

async function unpack(staging: string, options: RestoreOptions): Promise<Manifest> {
  const { source, archive, databases } = options;
  let manifest: Manifest | null = null;
  const seen = new Set<string>();
  await eachEntry(source, archive, async (entry) => {
    if (manifest === null) {
      manifest = readManifest(await manifestText(entry, archive), databases, archive);
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      await requireRoom(options.dataFolder, bytes, 'what is restored');
      return;
    }
    const file = manifest.files.find(({ path }) => path === entry.path);
    if (file === undefined || seen.has(entry.path))
      throw new StoreError(
        'corrupt',
        `${archive}: ${JSON.stringify(entry.path)} in it is not named in its ${manifestName}, or is there twice; nothing was restored`,
      );
    seen.add(entry.path);
    await unpackFile(entry, file, { staging, archive });
  });
  const found: Manifest | null = manifest;
  if (found === null) throw noManifest(archive);
  const missing = (found as Manifest).files.find(({ path }) => !seen.has(path));
  if (missing !== undefined)
    throw new StoreError(
      'corrupt',
      `${archive} is cut short: ${missing.path} is missing; nothing was restored`,
    );
  return found;
}

const noManifest = (archive: string): StoreError =>
  new StoreError(
    'corrupt',
    `${archive} is no backup of a gpufleet hub: it does not begin with ${manifestName}`,
  );

async function manifestText(entry: ArchiveEntry, archive: string): Promise<string> {
  if (entry.path !== manifestName || entry.bytes > maxManifestBytes) throw noManifest(archive);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function unpackFile(
  entry: ArchiveEntry,
  expected: BackedFile,
  { staging, archive }: { staging: string; archive: string },
): Promise<void> {
  const damaged = new StoreError(
    'corrupt',
    `${archive} is damaged: ${entry.path} is not what was backed up; nothing was restored`,
  );
  if (entry.bytes !== expected.bytes) throw damaged;
  // The path is one of a closed list: the manifest was checked against it.
  const path = join(staging, expected.path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await createSteadyFile(path);
  const hash = createHash('sha256');
  try {
    for await (const chunk of entry.chunks) {
      hash.update(chunk);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== expected.sha256) throw damaged;
}

/** Restored by root for a hub that runs as another user, the files are that user's, as the folder is. */
async function giveToOwner(staging: string, { files }: Manifest, dataFolder: string): Promise<void> {
  const { uid, gid } = await stat(dataFolder);
  if (process.getuid?.() !== 0 || uid === 0) return;
  const folders = new Set(files.map(({ path }) => dirname(path)));
  for (const path of [...folders, ...files.map((file) => file.path)])
    await chown(join(staging, path), uid, gid);
}

/** Within the folder, which may be a disk of its own. */
async function moveAside(names: readonly string[], { dataFolder, now }: RestoreOptions): Promise<string> {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const aside = join(dataFolder, `before-restore-${stamp}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of names) await rename(join(dataFolder, name), join(aside, name));
  return aside;
}

/** The state last: without it, what is there is no hub's folder yet. */
async function putInPlace(staging: string, { files }: Manifest, options: RestoreOptions): Promise<void> {
  const { dataFolder, databases } = options;
  const last = databases.map(({ name }) => name);
  const tops = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  const ordered = [...[...tops].filter((name) => !last.includes(name)), ...last];
  for (const top of ordered) {
    await rename(join(staging, top), join(dataFolder, top));
    await syncFolder(dataFolder);
  }
}
