import type { FormerName, HostClaim } from '../model/index.ts';

export interface RetiredCredential {
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly hostId: string;
  readonly hostname: string;
  readonly at: string;
}

export interface KeptClaim extends HostClaim {
  /** Null while it is shown. */
  readonly dismissedAt: string | null;
}

/** Who hosts were, and who wants to be one. Each table keeps the newest and forgets the rest. */
export interface HostLivesState {
  listClaims(): Promise<readonly KeptClaim[]>;
  putClaim(claim: KeptClaim): Promise<void>;
  removeClaim(id: string): Promise<void>;
  retireCredential(credential: RetiredCredential): Promise<void>;
  findRetiredCredential(hash: string): Promise<RetiredCredential | null>;
  /** The newest first. */
  listFormerNames(hostId: string): Promise<readonly FormerName[]>;
  addFormerName(hostId: string, name: FormerName): Promise<void>;
  /** Pairs `old new` of hosts that look like one machine and are two. */
  listKeptPairs(): Promise<readonly string[]>;
  keepPair(pair: string): Promise<void>;
}
