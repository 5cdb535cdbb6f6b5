import type { HostDetail, OwnedProcess } from '../../lib/model/index.ts';
import { jobName } from './gpu-owners.ts';

/** In words: the container's or owner's name, else the unit, job or kind that its cgroup tells. */
export function ownerWords(
  process: OwnedProcess,
  { containers, owners }: Pick<HostDetail, 'containers' | 'owners'>,
): string | null {
  const { owner, ownerKey } = process;
  const other = owners.find(({ key }) => key === ownerKey);
  if (other !== undefined && other.name !== null)
    return other.kind === 'slurm' ? `Slurm job ${jobName(other.name)}` : other.name;
  if (owner === null) return null;
  if (owner.containerId !== null) {
    const container = containers.find((candidate) => candidate.id === owner.containerId);
    return container?.name ?? `${owner.runtime ?? 'container'} ${owner.containerId.slice(0, 12)}`;
  }
  if (owner.slurmJobId !== null) return `Slurm job ${owner.slurmJobId}`;
  return owner.unit ?? owner.runtime ?? 'no container';
}

/** The address part under which the owner of a process is found; null where it has none. */
export const ownerKeyOf = ({ owner, ownerKey }: OwnedProcess): string | null =>
  ownerKey ?? owner?.containerId ?? null;
