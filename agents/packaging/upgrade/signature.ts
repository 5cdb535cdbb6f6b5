import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type UpgradeOffer, upgradeText } from '../../../lib/model/index.ts';

/** DER of an Ed25519 public key up to its 32 bytes. */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether the hub whose key was pinned at install signed it. `publicKey`: 32 bytes in base64. Never throws. */
export function isSigned(offer: UpgradeOffer, publicKey: string): boolean {
  try {
    const raw = Buffer.from(publicKey, 'base64');
    const key = createPublicKey({ key: Buffer.concat([spkiHead, raw]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(upgradeText(offer)), key, Buffer.from(offer.signature, 'base64'));
  } catch {
    return false;
  }
}

/** Why a file is not the one that was signed; null when it is. */
export function fileFault(path: string, offer: UpgradeOffer): string | null {
  try {
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    return sum === offer.sha256 ? null : `${path} is not the file that was signed`;
  } catch (error) {
    return `${path}: ${(error as Error).message}`;
  }
}
