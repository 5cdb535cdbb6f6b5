/**
 * Why an agent was not taken as the host that it says it is. `same-id`: it has the id of a host that another
 * credential owns. `unknown-credential`: its host was removed, released or replaced. `two-agents`: two machines report
 * as one host with the same credential.
 */
export const claimKinds = ['same-id', 'unknown-credential', 'two-agents'] as const;
export type ClaimKind = (typeof claimKinds)[number];

export interface HostClaim {
  readonly id: string;
  readonly kind: ClaimKind;
  /** The host that it says it is, as far as the hub can tell. */
  readonly hostId: string | null;
  /** What the machine calls itself, or what its host was called. */
  readonly hostname: string | null;
  /** Address that it came from. */
  readonly peer: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly count: number;
}

/** A host that is gone, and one that came since and looks like the same machine set up anew. */
export interface Reinstalled {
  readonly oldHost: { readonly id: string; readonly hostname: string; readonly lastReportAt: string | null };
  readonly newHost: { readonly id: string; readonly hostname: string };
  readonly hasSameName: boolean;
  /** GPUs that both have. */
  readonly sharedGpus: number;
}

export interface FormerName {
  readonly hostname: string;
  /** When it first called itself otherwise. */
  readonly until: string;
}
