import type { ContainerView, GpuUse, Owner, OwnerDetail, Person } from '../../../../lib/model/index.ts';

/** What is known of an owner whatever its kind, live or not. */
export interface OwnerFacts {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly key: string;
  readonly runtime: string;
  readonly name: string | null;
  readonly nameProblem: string | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly person: Person | null;
  readonly image: string | null;
  readonly cudaVersion: string | null;
  readonly startedAt: string | null;
  readonly state: string | null;
  readonly gpus: readonly GpuUse[];
  /** It is in its host's last report. */
  readonly isThere: boolean;
}

export interface LiveOwner {
  readonly container: ContainerView | null;
  readonly owner: Owner | null;
}

/** The live facts where there are some, else what history kept. */
export function factsOf(
  { container, owner, past }: LiveOwner & Pick<OwnerDetail, 'past'>,
  hostId: string,
  hostname: string | null = null,
): OwnerFacts {
  const where = {
    hostId,
    hostname: container?.hostname ?? hostname ?? past?.hostname ?? hostId,
    group: container?.group ?? past?.group ?? '',
  };
  if (container !== null)
    return {
      ...container,
      ...where,
      key: container.id,
      nameProblem: container.nameProblem ?? null,
      person: container.person ?? null,
      isThere: true,
    };
  const none = { image: null, cudaVersion: null, startedAt: null, state: null, pod: null };
  if (owner !== null) return { ...owner, ...none, ...where, runtime: owner.kind, isThere: true };
  return {
    ...where,
    key: past?.key ?? '',
    runtime: past?.runtime ?? 'unknown',
    name: past?.name ?? null,
    nameProblem: null,
    namespace: past?.namespace ?? null,
    pod: past?.pod ?? null,
    person: past?.person ?? null,
    image: past?.image ?? null,
    cudaVersion: past?.cudaVersion ?? null,
    startedAt: past?.startedAt ?? null,
    state: null,
    gpus: [],
    isThere: false,
  };
}

/** The GPUs that it is or was on, those of now first. */
export function ownerGpuUuids(facts: OwnerFacts, past: OwnerDetail['past']): readonly string[] {
  const now = facts.gpus.map(({ gpuUuid }) => gpuUuid);
  return [...new Set([...now, ...(past?.gpus ?? []).map(({ gpuUuid }) => gpuUuid)])];
}

/** When it was last on a GPU, ISO 8601, to the hour; null when nothing is kept. */
export const lastSeen = (past: OwnerDetail['past']): string | null =>
  (past?.gpus ?? [])
    .map(({ to }) => to)
    .sort()
    .at(-1) ?? null;

export const firstSeen = (past: OwnerDetail['past']): string | null =>
  (past?.gpus ?? []).map(({ from }) => from).sort()[0] ?? null;
