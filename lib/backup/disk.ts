import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { StoreError } from '../state/state-store.ts';

/** So much may wait to be written before it is synced: what others commit meanwhile never waits for more. */
const syncEveryBytes = 4 * 2 ** 20;
/** Left free, so that a backup is not what fills the disk of a running hub. */
const spareBytes = 64 * 2 ** 20;

export interface SteadyFile {
  write(chunk: Uint8Array): Promise<void>;
  /** On disk when it resolves. */
  close(): Promise<void>;
}

/** A new file, for its owner only, that is synced as it grows. */
export async function createSteadyFile(path: string): Promise<SteadyFile> {
  const file = await open(path, 'wx', 0o600);
  let waiting = 0;
  return {
    async write(chunk) {
      await writeAll(file, chunk);
      waiting += chunk.byteLength;
      if (waiting < syncEveryBytes) return;
      await file.datasync();
      waiting = 0;
    },
    async close() {
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, at);
    at += bytesWritten;
  }
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function checksumOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Rejects with StoreError `full` where the folder's disk has less room than that. */
export async function requireRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + spareBytes) return;
  throw new StoreError(
    'full',
    `${folder} has no room for ${what}: it needs ${inMebibytes(bytes + spareBytes)}, and ${inMebibytes(bavail * bsize)} are free`,
  );
}

export const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
