import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretKeyFile } from '../backup/manifest.ts';
import type { StateSecrets } from '../state/state-store.ts';

const algorithm = 'aes-256-gcm';
const [keyBytes, ivBytes, tagBytes] = [32, 12, 16];

/** Secrets that must be kept (SSH keys, addresses and secrets of channels): unreadable for who has the database alone. */
export type Sealer = StateSecrets;

function loadKey(path: string): Buffer {
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(path, 0o600);
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length !== keyBytes) throw new Error(`${path}: is no key of this hub`);
  return key;
}

/** Of a hub; each opens what another of the same data folder sealed. */
export const sealerOf = (dataFolder: string): Sealer => createSealer(join(dataFolder, secretKeyFile));

/** With a key in a file of its own, which is made at the first need and never leaves the data folder. */
export function createSealer(path: string): Sealer {
  let known: Buffer | null = null;
  const key = (): Buffer => {
    known ??= loadKey(path);
    return known;
  };
  return {
    seal(text) {
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
        throw new Error(`a secret cannot be opened with ${path}: ${(error as Error).message}`);
      }
    },
  };
}
