import type { HistoryOwner } from '../history/history-store.ts';
import type { Container, Owner, Person, Report } from '../model/index.ts';

/** Where an owner is, by the names that people use. */
export interface OwnerPlace {
  readonly hostname: string;
  readonly group: string;
}

const personOf = (person: Person | undefined) => ({
  person: person?.name ?? null,
  personFrom: person?.name === null ? null : (person?.from ?? null),
  isInferred: person?.isInferred ?? false,
});

const ofContainer = (container: Container, place: OwnerPlace): HistoryOwner => ({
  key: container.id,
  runtime: container.runtime,
  name: container.name,
  image: container.image,
  ...personOf(container.person),
  namespace: container.namespace,
  pod: container.pod,
  ...place,
  cudaVersion: container.cudaVersion,
  startedAt: container.startedAt,
});

const ofOther = (owner: Owner, place: OwnerPlace): HistoryOwner => ({
  key: owner.key,
  runtime: owner.kind,
  name: owner.name,
  image: null,
  ...personOf(owner.person),
  namespace: owner.namespace,
  pod: owner.kind === 'pod' ? owner.name : null,
  ...place,
  cudaVersion: null,
  startedAt: null,
});

const keysOf = ({ containers, owners = [] }: Report): readonly string[] => [
  ...containers.map(({ id }) => id),
  ...owners.map(({ key }) => key),
];

/** Tells history who the owners are: each when it is new or changed, and again until that was committed. */
export interface OwnerBook {
  /**
   * Of each report, the newest first: an owner is told by the newest that has it, so that one that came and ended while
   * the hub did not answer has its name too.
   */
  news(hostId: string, reports: readonly Report[], place: OwnerPlace): readonly (readonly HistoryOwner[])[];
  /** They were committed. What the host's report does not have any more is forgotten. */
  note(hostId: string, report: Report, told: readonly HistoryOwner[]): void;
  forget(hostId: string): void;
}

export function createOwnerBook(): OwnerBook {
  const known = new Map<string, Map<string, string>>();
  const newsBut = (
    hostId: string,
    report: Report,
    place: OwnerPlace,
    seen: ReadonlySet<string>,
  ): HistoryOwner[] => {
    const ofHost = known.get(hostId);
    const containers = report.containers.filter(({ id }) => !seen.has(id));
    const others = (report.owners ?? []).filter(({ key }) => !seen.has(key));
    const all = [
      ...containers.map((container) => ofContainer(container, place)),
      ...others.map((owner) => ofOther(owner, place)),
    ];
    return all.filter((owner) => ofHost?.get(owner.key) !== JSON.stringify(owner));
  };
  return {
    news(hostId, reports, place) {
      const seen = new Set<string>();
      return reports.map((report) => {
        const news = newsBut(hostId, report, place, seen);
        for (const key of keysOf(report)) seen.add(key);
        return news;
      });
    },
    note(hostId, report, told) {
      const before = known.get(hostId) ?? new Map<string, string>();
      const fresh = new Map(told.map((owner) => [owner.key, JSON.stringify(owner)]));
      const after = new Map<string, string>();
      for (const key of keysOf(report)) {
        const text = fresh.get(key) ?? before.get(key);
        if (text !== undefined) after.set(key, text);
      }
      if (after.size === 0) known.delete(hostId);
      else known.set(hostId, after);
    },
    forget: (hostId) => void known.delete(hostId),
  };
}
