import type { HostSummary, Reinstalled } from '../../model/index.ts';

export const pairOf = (oldId: string, newId: string): string => `${oldId} ${newId}`;

/**
 * Hosts that are gone, each with one that reports since and has its name or its GPUs: most likely one machine set up
 * anew. `kept`: pairs of which a person said that they are two.
 */
export function reinstalledHosts(
  hosts: readonly HostSummary[],
  kept: ReadonlySet<string>,
): readonly Reinstalled[] {
  const gone = hosts.filter((host) => host.state === 'gone' && host.lastReportAt !== null);
  if (gone.length === 0) return [];
  const live = hosts.filter((host) => host.state !== 'gone' && host.lastReportAt !== null);
  const byName = Map.groupBy(live, (host) => host.hostname.toLowerCase());
  const byGpu = new Map<string, Set<HostSummary>>();
  for (const host of live)
    for (const { uuid } of host.gpus) byGpu.set(uuid, (byGpu.get(uuid) ?? new Set()).add(host));
  return gone.flatMap((old) => {
    const named = new Set(byName.get(old.hostname.toLowerCase()));
    const shared = new Map<HostSummary, number>();
    for (const { uuid } of old.gpus)
      for (const host of byGpu.get(uuid) ?? []) shared.set(host, (shared.get(host) ?? 0) + 1);
    return [...new Set([...shared.keys(), ...named])]
      .filter((host) => !kept.has(pairOf(old.id, host.id)))
      .map((host) => ({
        oldHost: { id: old.id, hostname: old.hostname, lastReportAt: old.lastReportAt },
        newHost: { id: host.id, hostname: host.hostname },
        hasSameName: named.has(host),
        sharedGpus: shared.get(host) ?? 0,
      }));
  });
}
