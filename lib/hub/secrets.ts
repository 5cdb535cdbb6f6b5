import { createHash, randomBytes } from 'node:crypto';
import { type SecretKind, secretPrefixes } from '../protocol/limits.ts';

/** 256 random bits under the prefix of their kind. */
export const newSecret = (kind: SecretKind): string =>
  secretPrefixes[kind] + randomBytes(32).toString('base64url');

/** What is stored of a secret, and by what it is found: SHA-256 in hex. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const secretLength = 4 + 43;

/** The kind that a text claims to be; null when it is no secret of ours. */
export function secretKind(text: string): SecretKind | null {
  if (text.length !== secretLength) return null;
  for (const [kind, prefix] of Object.entries(secretPrefixes))
    if (text.startsWith(prefix)) return kind as SecretKind;
  return null;
}
