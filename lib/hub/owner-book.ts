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

/** Tells history who the owners are: each when it is new or changed, and again until that was committed. */
export interface OwnerBook {
  news(hostId: string, report: Report, place: OwnerPlace): readonly HistoryOwner[];
  /** They were committed. What the host's report does not have any more is forgotten. */
  note(hostId: string, report: Report, told: readonly HistoryOwner[]): void;
  forget(hostId: string): void;
}

export function createOwnerBook(): OwnerBook {
  const known = new Map<string, Map<string, string>>();
  return {
    news(hostId, report, place) {
      const ofHost = known.get(hostId);
      const all = [
        ...report.containers.map((container) => ofContainer(container, place)),
        ...(report.owners ?? []).map((owner) => ofOther(owner, place)),
      ];
      return all.filter((owner) => ofHost?.get(owner.key) !== JSON.stringify(owner));
    },
    note(hostId, report, told) {
      const before = known.get(hostId) ?? new Map<string, string>();
      const fresh = new Map(told.map((owner) => [owner.key, JSON.stringify(owner)]));
      const after = new Map<string, string>();
      for (const key of [
        ...report.containers.map(({ id }) => id),
        ...(report.owners ?? []).map((o) => o.key),
      ]) {
        const text = fresh.get(key) ?? before.get(key);
        if (text !== undefined) after.set(key, text);
      }
      if (after.size === 0) known.delete(hostId);
      else known.set(hostId, after);
    },
    forget: (hostId) => void known.delete(hostId),
  };
}
