import { StoreError } from '../state/state-store.ts';

/** SQLite's primary result code of an error thrown by node:sqlite, or null. */
function resultCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

const codes: Readonly<Record<number, StoreError['code']>> = {
  3: 'unwritable', // SQLITE_PERM
  8: 'unwritable', // SQLITE_READONLY
  11: 'corrupt', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'unwritable', // SQLITE_CANTOPEN
  26: 'corrupt', // SQLITE_NOTADB
};

export const isBusy = (error: unknown): boolean => [5, 6].includes(resultCode(error) ?? 0);

const systemCodes: Readonly<Record<string, StoreError['code']>> = {
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  ENOTDIR: 'unwritable',
  EEXIST: 'unwritable',
  ENOENT: 'unwritable',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

const explanations: Readonly<Record<StoreError['code'], string>> = {
  'cannot-open': 'cannot be opened',
  unwritable: 'cannot be written',
  corrupt: 'is damaged; it was left as it is: move it away to start with an empty one',
  'newer-schema': 'was written by a newer gpufleet',
  full: 'cannot grow: the disk is full',
  'too-large': 'is asked for too much at once',
  failed: 'failed',
};

/** Any error of SQLite or the file system as a StoreError that names the file; a StoreError passes through. */
export function toStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'code' in error ? systemCodes[String(error.code)] : undefined;
  const code = codes[resultCode(error) ?? 0] ?? system ?? 'failed';
  return new StoreError(code, `${path} ${explanations[code]} (${message.split('\n')[0]})`, { cause: error });
}
