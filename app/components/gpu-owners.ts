import type { ContainerView, GpuDetail, GpuUse, HostDetail, Owner } from '../../lib/model/index.ts';

/** Who is on one GPU, and with what. */
export interface GpuOwner {
  /** A container's id, or the owner's key. */
  readonly key: string;
  readonly name: string;
  /** Null: the driver does not tell. */
  readonly bytes: number | null;
  readonly smRatio: number | null;
}

const sumOf = (values: readonly (number | null)[]): number | null => {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0);
};

const containerName = ({ name, id }: ContainerView): string => name ?? id.slice(0, 12);
/** An agent that knows a job's number alone tells `job 211` as its name. */
export const jobName = (name: string): string => name.replace(/^job /, '');

const otherName = ({ name, key, kind }: Owner): string =>
  name === null ? key : kind === 'slurm' ? `job ${jobName(name)}` : name;

/** Everyone on a GPU, those who hold most first. */
export function gpuOwners(
  gpu: Pick<GpuDetail, 'uuid'>,
  { containers, owners }: Pick<HostDetail, 'containers' | 'owners'>,
): readonly GpuOwner[] {
  const ofOne = (key: string, name: string, gpus: readonly GpuUse[]): GpuOwner[] => {
    const uses = gpus.filter((use) => use.gpuUuid === gpu.uuid);
    if (uses.length === 0) return [];
    const bytes = sumOf(uses.map((use) => use.usedMemoryBytes));
    return [{ key, name, bytes, smRatio: sumOf(uses.map((use) => use.smRatio)) }];
  };
  return [
    ...containers.flatMap((each) => ofOne(each.id, containerName(each), each.gpus)),
    ...owners.flatMap((each) => ofOne(each.key, otherName(each), each.gpus)),
  ].sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0) || (a.name < b.name ? -1 : 1));
}

/** How SM shares stand to the GPU's own utilization: two measures, neither scaled to the other. */
export interface SmStanding {
  /** Null: not told for anyone. */
  readonly ownedRatio: number | null;
  readonly gpuRatio: number | null;
  readonly remainderRatio: number | null;
  readonly isOverlap: boolean;
  /** Why the shares are not told; null when they are, or nothing says why. */
  readonly problem: string | null;
}

export function smStanding(gpu: GpuDetail, owners: readonly GpuOwner[]): SmStanding {
  const { gpuRatio } = gpu.utilization;
  const { accounting } = gpu;
  if (accounting !== undefined) {
    const { ownedRatio, remainderRatio, isOverlap } = accounting.sm;
    return { ownedRatio, remainderRatio, isOverlap, gpuRatio, problem: accounting.sharesProblem };
  }
  const ownedRatio = sumOf(owners.map((owner) => owner.smRatio));
  const isKnown = ownedRatio !== null && gpuRatio !== null;
  return {
    ownedRatio,
    gpuRatio,
    remainderRatio: isKnown ? Math.max(0, gpuRatio - ownedRatio) : null,
    isOverlap: isKnown && ownedRatio > gpuRatio,
    problem: null,
  };
}
