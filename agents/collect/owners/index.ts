import type {
  AskedGrant,
  Container,
  ContainerCuda,
  DeviceAccess,
  GpuUse,
  Owner,
  ReportedGpu,
} from '../../../lib/model/index.ts';
import {
  type OwnerPlace,
  ownerPlace,
  personOf,
  resolveGrant,
  usesByOwner,
} from '../../../lib/owners/index.ts';
import type { EngineContainer } from '../containers/index.ts';
import { mergeContainers, type SeenContainer } from '../containers/merge.ts';
import type { Processes } from '../processes/index.ts';

export { reportGpus } from './gpus.ts';

export interface OwnersInput {
  /** As `reportGpus` gives them. */
  readonly gpus: readonly ReportedGpu[];
  readonly processes: Pick<Processes, 'factsOf' | 'userName'>;
  readonly containers: ReadonlyMap<string, EngineContainer>;
  /** Null: not looked at yet. */
  readonly cudaOf: (id: string) => ContainerCuda | null;
  /** The label that names a container's person. */
  readonly ownerLabel: string;
  /** Why a container has no name, in words. */
  readonly nameProblem: (container: Container) => string;
  /** What the kubelet gave a container, which no engine knows better; null: nothing, or nobody tells. */
  readonly kubeletGrantOf: (container: Container) => AskedGrant | null;
  /** What the kubelet's folders say of a pod; null when nothing. */
  readonly podOf: (uid: string) => { readonly namespace: string; readonly name: string } | null;
  /** Null: not looked at. */
  readonly deviceAccessOf: (id: string) => DeviceAccess | null;
}

/** One owner's processes, over all GPUs. */
interface Group {
  readonly place: OwnerPlace;
  readonly pids: Set<number>;
}

/** Who uses the GPUs: containers, and everyone else. */
export function joinOwners(input: OwnersInput): {
  readonly containers: readonly Container[];
  readonly owners: readonly Owner[];
} {
  const uses = usesByOwner(input.gpus);
  const groups = groupsOf(input);
  return { containers: containersOf(input, uses, groups), owners: othersOf(input, uses, groups) };
}

function groupsOf({ gpus, processes }: OwnersInput): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const { pid, owner } of gpus.flatMap((gpu) => gpu.processes)) {
    const { uid = null, cgroupUid = null } = processes.factsOf(pid) ?? {};
    const place = ownerPlace({ pid, owner, uid, cgroupUid });
    const group = groups.get(place.key) ?? { place, pids: new Set() };
    groups.set(place.key, group);
    group.pids.add(pid);
  }
  return groups;
}

/** The one value that all have; null when they differ, or one has none. */
function agreed<T>(values: readonly (T | null)[]): T | null {
  const [first = null, ...others] = values;
  return others.every((value) => value === first) ? first : null;
}

function usersOf(pids: Iterable<number>, { processes }: OwnersInput) {
  const facts = [...pids].map((pid) => processes.factsOf(pid));
  return {
    uid: agreed(facts.map((each) => each?.uid ?? null)),
    cgroupUid: agreed(facts.map((each) => each?.cgroupUid ?? null)),
  };
}

function containersOf(
  input: OwnersInput,
  uses: ReadonlyMap<string, readonly GpuUse[]>,
  groups: ReadonlyMap<string, Group>,
): Container[] {
  const seen = new Map<string, SeenContainer>();
  for (const [key, { place, pids }] of groups) {
    if (place.kind !== 'container') continue;
    const [first] = pids;
    const owner = input.processes.factsOf(first ?? 0)?.owner;
    const { runtime = null, podUid = null, slurmJobId = null } = owner ?? {};
    seen.set(key, { runtime: runtime ?? 'unknown', podUid, slurmJobId });
  }
  const { ownerLabel, processes } = input;
  return mergeContainers(uses, seen, { known: input.containers, cudaOf: input.cudaOf }).map((container) => {
    const { id, labels, slurmJobId = null } = container;
    const engine = input.containers.get(id);
    const { uid, cgroupUid } = usersOf(groups.get(id)?.pids ?? [], input);
    const { userName } = processes;
    const mountSources = engine?.mountSources ?? [];
    const person = {
      labels,
      ownerLabel,
      slurmJobId,
      uid,
      cgroupUid,
      isContainer: true,
      mountSources,
      userName,
    };
    const pod = container.podUid == null ? null : input.podOf(container.podUid);
    const asked = input.kubeletGrantOf(container) ?? engine?.asked ?? null;
    const isTold = engine !== undefined && engine.isGrantHidden !== true;
    return {
      ...container,
      namespace: container.namespace ?? pod?.namespace ?? null,
      pod: container.pod ?? pod?.name ?? null,
      nameProblem: container.name === null ? input.nameProblem(container) : null,
      uid,
      person: personOf(person),
      // Left out is "not told": null would say that it was given none.
      grant: asked !== null ? resolveGrant(asked, input.gpus) : isTold ? null : undefined,
      deviceAccess: asked === null ? null : input.deviceAccessOf(id),
    };
  });
}

function othersOf(
  input: OwnersInput,
  uses: ReadonlyMap<string, readonly GpuUse[]>,
  groups: ReadonlyMap<string, Group>,
): Owner[] {
  return [...groups.values()].flatMap(({ place, pids }) =>
    place.kind === 'container' ? [] : ownerOf(input, { key: place.key, kind: place.kind }, pids, uses),
  );
}

function ownerOf(
  input: OwnersInput,
  { key, kind }: { key: string; kind: Owner['kind'] },
  pids: ReadonlySet<number>,
  uses: ReadonlyMap<string, readonly GpuUse[]>,
): Owner[] {
  const { processes, ownerLabel, gpus } = input;
  const [first = 0] = pids;
  const { podUid = null, slurmJobId = null, unit = null } = processes.factsOf(first)?.owner ?? {};
  const { uid, cgroupUid } = usersOf(pids, input);
  const pod = podUid === null ? null : input.podOf(podUid);
  const { userName } = processes;
  const user = cgroupUid ?? uid;
  const program = gpus.flatMap((gpu) => gpu.processes).find(({ pid }) => pid === first)?.name ?? null;
  const names: Record<Owner['kind'], string | null> = {
    pod: pod?.name ?? null,
    slurm: slurmJobId === null ? null : `job ${slurmJobId}`,
    unit,
    user: user === null ? null : userName(user),
    process: program,
  };
  const problems: Record<Owner['kind'], string> = {
    pod: 'nothing that can be read here says which pod this uid is, so no name',
    slurm: 'no job number',
    unit: 'no unit',
    user: `no user of this host has the id ${user}, so no name`,
    process: 'the process ended, or cannot be looked up, so no name',
  };
  const isContainer = kind === 'pod';
  const person = {
    labels: {},
    ownerLabel,
    slurmJobId,
    uid,
    cgroupUid,
    isContainer,
    mountSources: [],
    userName,
  };
  const name = names[kind];
  return [
    {
      ...{ key, kind, name, podUid, slurmJobId, unit, uid },
      namespace: pod?.namespace ?? null,
      person: personOf(person),
      nameProblem: name === null ? problems[kind] : null,
      gpus: uses.get(key) ?? [],
    },
  ];
}
