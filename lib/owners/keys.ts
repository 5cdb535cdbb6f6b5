import type { OwnerKind, ProcessOwner } from '../model/index.ts';

export interface OwnerPlace {
  /** A container's id, or an Owner's key. */
  readonly key: string;
  readonly kind: 'container' | OwnerKind;
}

export interface LookedUp {
  readonly pid: number;
  /** Null: it could not be looked up. */
  readonly owner: ProcessOwner | null;
  readonly uid: number | null;
  readonly cgroupUid: number | null;
}

/** Under which name a process is counted: the innermost thing that is known to hold it. */
export function ownerPlace({ pid, owner, uid, cgroupUid }: LookedUp): OwnerPlace {
  if (owner !== null) {
    if (owner.containerId !== null) return { key: owner.containerId, kind: 'container' };
    if (owner.podUid !== null) return { key: `pod:${owner.podUid}`, kind: 'pod' };
    if (owner.slurmJobId !== null) return { key: `slurm:${owner.slurmJobId}`, kind: 'slurm' };
    if (owner.unit !== null && owner.runtime !== 'user') return { key: `unit:${owner.unit}`, kind: 'unit' };
  }
  const user = cgroupUid ?? uid;
  if (user !== null) return { key: `user:${user}`, kind: 'user' };
  return { key: `process:${pid}`, kind: 'process' };
}
