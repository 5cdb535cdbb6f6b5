import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { secretKeyFile } from '../backup/manifest.ts';
import type { StateSecrets } from '../state/state-store.ts';

const algorithm = 'aes-256-gcm';
const [keyBytes, ivBytes, tagBytes] = [32, 12, 16];

/** Secrets that must be kept (SSH keys, addresses and secrets of channels): unreadable for who has the database alone. */
export type Sealer = StateSecrets;

/** A link is refused where another process was first; not every file system has links. */
function linkOrRename(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) renameSync(from, to);
    else if (code !== 'EEXIST') throw error;
  }
}

/** Whole and on disk before anything is sealed with it; where another process made one meanwhile, that one counts. */
function makeKey(path: string): void {
  const next = `${path}.${process.pid}.next`;
  writeFileSync(next, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    chmodSync(next, 0o600);
    // Made by root for a hub that runs as another user, it is that user's, as the folder is.
    const { uid, gid } = statSync(dirname(path));
    if (process.getuid?.() === 0) chownSync(next, uid, gid);
    linkOrRename(next, path);
  } finally {
    rmSync(next, { force: true });
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readKey(path: string): Buffer {
  if (!existsSync(path))
    throw new Error(`${path} is not there: put it back from a backup, or give what it sealed anew`);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length !== keyBytes) throw new Error(`${path} is no key of a hub: put it back from a backup`);
  return key;
}

/** Of a hub; each opens what another of the same data folder sealed. */
export const sealerOf = (dataFolder: string): Sealer => createSealer(join(dataFolder, secretKeyFile));

/** With a key in a file of its own, which is made when something is first sealed, and never because something is opened. */
export function createSealer(path: string): Sealer {
  let known: Buffer | null = null;
  const key = (): Buffer => {
    known ??= readKey(path);
    return known;
  };
  return {
    seal(text) {
      if (known === null && !existsSync(path)) makeKey(path);
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, key(), iv);
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv(algorithm, key(), bytes.subarray(0, ivBytes));
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        return (
          decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (error) {
        const why = (error as Error).message;
        // Node says that data could not be authenticated: another key, or a damaged text.
        throw new Error(
          known === null
            ? `a secret cannot be opened: ${why}`
            : `a secret cannot be opened with ${path}: it was sealed with another key (${why})`,
        );
      }
    },
  };
}
