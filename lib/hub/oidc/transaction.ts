import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const transactionSeconds = 600;
/** Sign-ins that one browser may have under way, in several tabs. */
export const maxTransactions = 5;
const cookiePrefix = 'gpufleet_oidc_';
const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
/** Far more than begin within their life under the limits. */
const maxUsed = 10_000;

/** What the hub must know again when a browser comes back from the provider. */
export interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  /** Path of the hub's own. */
  readonly returnTo: string;
  readonly expiresAtMillis: number;
}

export const transactionCookie = (state: string): string =>
  cookiePrefix + state.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 12);

/** Names of the sign-ins under way in the browser that sent this. */
export const transactionCookies = (cookie: string | null): readonly string[] =>
  (cookie ?? '')
    .split(';')
    .map((part) => part.split('=', 1)[0]?.trim() ?? '')
    .filter((name) => name.startsWith(cookiePrefix));

function cookieValue(cookie: string | null, name: string): string | null {
  for (const part of (cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** Transactions are kept by the browser that they belong to, in a cookie that only this hub can read and write. */
export interface Transactions {
  seal(transaction: Transaction): string;
  /** Opens the one with this state, once; null: none of this browser's, too old, or of an earlier run of the hub. */
  take(cookie: string | null, state: string, nowMillis: number): Transaction | 'used' | null;
}

export function createTransactions(): Transactions {
  const key = randomBytes(32);
  const used = new Map<string, number>();

  function open(sealed: string): Transaction | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= ivBytes + tagBytes) return null;
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
      return JSON.parse(text.toString()) as Transaction;
    } catch {
      return null;
    }
  }

  function use(state: string, nowMillis: number, expiresAtMillis: number): boolean {
    for (const [old, until] of used) {
      if (until > nowMillis && used.size < maxUsed) break;
      used.delete(old);
    }
    if (used.has(state)) return false;
    used.set(state, expiresAtMillis);
    return true;
  }

  return {
    seal(transaction) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv(algorithm, key, iv);
      const text = Buffer.concat([cipher.update(JSON.stringify(transaction)), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    take(cookie, state, nowMillis) {
      const sealed = cookieValue(cookie, transactionCookie(state));
      const transaction = sealed === null ? null : open(sealed);
      if (transaction === null || transaction.state !== state || transaction.expiresAtMillis <= nowMillis)
        return null;
      return use(state, nowMillis, transaction.expiresAtMillis) ? transaction : 'used';
    },
  };
}
