import type { Container, ContainerCuda, GpuUse } from '../../../lib/model/index.ts';
import type { EngineContainer } from './engine-container.ts';

/** Everything of a container but what it uses of GPUs. */
export type ContainerFacts = Omit<Container, 'gpus'>;

/** What the processes of a container tell of it. */
export interface SeenContainer {
  /** As its cgroup is written. */
  readonly runtime: string;
  readonly podUid: string | null;
  readonly slurmJobId: string | null;
}

/** What engines, and looks into containers, tell of them. */
export interface EngineFacts {
  readonly known: ReadonlyMap<string, EngineContainer>;
  readonly cudaOf: (id: string) => ContainerCuda | null;
}

/** Containers that use a GPU, and running ones that were granted some; each with its own share only. */
export function mergeContainers(
  uses: ReadonlyMap<string, readonly GpuUse[]>,
  seen: ReadonlyMap<string, SeenContainer>,
  { known, cudaOf }: EngineFacts,
): Container[] {
  const granted = [...known.values()].filter(
    ({ asked, facts }) => asked !== null && facts.state === 'running',
  );
  const ids = new Set([...seen.keys(), ...granted.map((each) => each.facts.id)]);
  return [...ids].map((id) => {
    const cgroup = seen.get(id);
    const told = known.get(id);
    const facts = told?.facts ?? unnamed(id, cgroup?.runtime ?? 'unknown');
    const podUid = facts.podUid ?? cgroup?.podUid ?? null;
    return {
      ...facts,
      podUid,
      slurmJobId: cgroup?.slurmJobId ?? null,
      gpus: uses.get(id) ?? [],
      injection: told?.injection ?? null,
      requirements: told?.stack.requirements ?? null,
      cuda: cudaOf(id),
    };
  });
}

/** Known only by its cgroup: no engine could be asked, or it does not know the container. */
function unnamed(id: string, runtime: string): ContainerFacts {
  return {
    id,
    // The id of an LXC container is its name, and so is one that `ctr run` was given.
    name: /^[0-9a-f-]{32,}$/.test(id) ? null : id,
    image: null,
    imageId: null,
    runtime,
    state: null,
    startedAt: null,
    labels: {},
    cudaVersion: null,
    visibleDevices: null,
    requireCuda: null,
    namespace: null,
    pod: null,
    start: null,
  };
}
