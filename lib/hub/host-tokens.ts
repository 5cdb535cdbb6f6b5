import { hashSecret, newSecret } from './secrets.ts';

/** What an enrolment token of one host says. */
export interface HostToken {
  readonly hostId: string;
  readonly createdBy: string;
  readonly expiresAtMillis: number;
}

/** Enrolment tokens for one host and one use; in memory only, so that a restarted hub knows none of them. */
export interface HostTokens {
  make(wanted: HostToken): string;
  /** By the token's hash; null when unknown, used, withdrawn or expired. */
  find(tokenHash: string): HostToken | null;
  /** It was used, or is not wanted any more. */
  end(tokenHash: string): void;
}

export function createHostTokens(now: () => number): HostTokens {
  const tokens = new Map<string, HostToken>();
  return {
    make(wanted) {
      for (const [hash, { expiresAtMillis }] of tokens) if (expiresAtMillis <= now()) tokens.delete(hash);
      const secret = newSecret('enrollment');
      tokens.set(hashSecret(secret), wanted);
      return secret;
    },
    find(tokenHash) {
      const found = tokens.get(tokenHash);
      return found === undefined || found.expiresAtMillis <= now() ? null : found;
    },
    end: (tokenHash) => void tokens.delete(tokenHash),
  };
}
