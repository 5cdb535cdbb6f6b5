import type { ContainerView, OwnedProcess } from '../../lib/model/index.ts';

/** In words: the container's name, else the unit, job or kind that its cgroup tells. */
export function ownerWords(process: OwnedProcess, containers: readonly ContainerView[]): string | null {
  const { owner } = process;
  if (owner === null) return null;
  if (owner.containerId !== null) {
    const container = containers.find((candidate) => candidate.id === owner.containerId);
    return container?.name ?? `${owner.runtime ?? 'container'} ${owner.containerId.slice(0, 12)}`;
  }
  if (owner.slurmJobId !== null) return `Slurm job ${owner.slurmJobId}`;
  return owner.unit ?? owner.runtime ?? 'no container';
}
