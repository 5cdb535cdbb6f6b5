import { close, closeSync, constants, type Dir, open, openSync, read, readSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startDeadline } from '../../deadline.ts';
import { deferred } from '../../deferred.ts';
import type { FileResult, FolderResult } from '../host-access.ts';

/** Numbers of files: a FileHandle costs as much as all that is done with it. */
const openFile = promisify(open);
const readChunk = promisify(read);
const closeFile = promisify(close);

/** Most files of /proc and /sys fit into one, which comes from Node's pool. */
const firstChunkBytes = 4000;
const chunkBytes = 64 * 1024;

/** The kernel tells these from its memory and waits for no driver, disk or process, so nothing is gained by a thread. */
const instant = /^\/proc\/(?:\d+\/stat(?:us)?|stat|devices|sys\/kernel\/osrelease)$/;

export interface FileReader {
  read(
    path: string,
    options: { readonly maxBytes: number; readonly deadlineSeconds: number },
  ): Promise<FileResult>;
  list(
    path: string,
    options: { readonly maxEntries: number; readonly deadlineSeconds: number },
  ): Promise<FolderResult>;
}

/** Why there is nothing to read: the part that files and folders share. */
type NotRead = Extract<FileResult, { readonly message: string }>;

/** Reads files in a loop until their end, since those of /proc have size 0, and folders. Never rejects. */
export function createFileReader(root: string): FileReader {
  // A read that hangs (a dead network mount, a wedged driver) holds one of libuv's few threads: at most one a path.
  const stuck = new Set<string>();
  const within = async <T>(
    full: string,
    deadlineSeconds: number,
    read: (isLate: () => boolean) => Promise<T>,
  ): Promise<T | NotRead> => {
    if (stuck.has(full)) return { outcome: 'failed', message: `${full}: an earlier read still hangs` };
    let late = false;
    const reading = read(() => late);
    const { promise: isLate, resolve } = deferred<NotRead>();
    const deadline = startDeadline(deadlineSeconds, () => {
      late = true;
      stuck.add(full);
      void reading.then(() => stuck.delete(full));
      resolve({ outcome: 'failed', message: `${full}: not read within ${deadlineSeconds} s` });
    });
    const result = await Promise.race([reading, isLate]);
    deadline.end();
    return result;
  };
  return {
    read(path, { maxBytes, deadlineSeconds }) {
      const full = `${root}${path}`;
      if (instant.test(full)) return Promise.resolve(readInstantly(full, maxBytes));
      return within(full, deadlineSeconds, (isLate) => readAll(full, maxBytes, isLate));
    },
    list(path, { maxEntries, deadlineSeconds }) {
      const full = `${root}${path}`;
      return within(full, deadlineSeconds, (isLate) => listAll(full, maxEntries, isLate));
    },
  };
}

async function readAll(path: string, maxBytes: number, isLate: () => boolean): Promise<FileResult> {
  let file: number | null = null;
  try {
    // O_NONBLOCK: opening a FIFO without a writer would wait for one.
    file = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (bytes <= maxBytes && !isLate()) {
      const size = chunks.length === 0 ? firstChunkBytes : chunkBytes;
      const { bytesRead, buffer } = await readChunk(file, Buffer.allocUnsafe(size), 0, size, null);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
    return resultOf(chunks, bytes, maxBytes);
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  } finally {
    if (file !== null) await closeFile(file).catch(() => {});
  }
}

function readInstantly(path: string, maxBytes: number): FileResult {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY);
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (bytes <= maxBytes) {
      const chunk = Buffer.allocUnsafe(chunks.length === 0 ? firstChunkBytes : chunkBytes);
      const length = readSync(file, chunk);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      bytes += length;
    }
    return resultOf(chunks, bytes, maxBytes);
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  } finally {
    if (file !== null) closeSync(file);
  }
}

function resultOf(chunks: readonly Buffer[], bytes: number, maxBytes: number): FileResult {
  const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
  return { outcome: 'read', text, truncated: bytes > maxBytes };
}

async function listAll(path: string, maxEntries: number, isLate: () => boolean): Promise<FolderResult> {
  let folder: Dir | null = null;
  try {
    folder = await opendir(path, { bufferSize: 256 });
    const names: string[] = [];
    while (!isLate()) {
      const entry = await folder.read();
      if (entry === null) break;
      if (names.length === maxEntries) return { outcome: 'listed', names, truncated: true };
      names.push(entry.name);
    }
    return { outcome: 'listed', names, truncated: false };
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  } finally {
    await folder?.close().catch(() => {});
  }
}

function failed({ code, message }: NodeJS.ErrnoException): NotRead {
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return { outcome: 'absent', message };
  if (code === 'EACCES' || code === 'EPERM') return { outcome: 'not-permitted', message };
  return { outcome: 'failed', message };
}
