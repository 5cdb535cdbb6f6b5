import type { Container, Gpu } from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import type { Clock } from './clock.ts';
import { createDeviceAccess, type DeviceAccesses } from './containers/device-access.ts';
import { type Containers, createContainers } from './containers/index.ts';
import { type NamingEngine, nameProblemOf } from './containers/name-problem.ts';
import { createPodFolders, type PodName } from './containers/pod-folders.ts';
import { type CudaFacts, type CudaTarget, createCudaFacts } from './cuda/index.ts';
import { createToolkitMode } from './cuda/toolkit-mode.ts';
import { type CollectorOptions, defaultOwnerLabel } from './options.ts';
import { createProcesses, type Processes } from './processes/index.ts';
import type { Source } from './source.ts';

export interface AttributionOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly options: CollectorOptions;
  readonly dockerSocketPath: string | null;
  readonly sources: { readonly cgroup: Source; readonly docker: Source };
  readonly gpus: () => readonly Gpu[];
  readonly toolkitVersion: () => Promise<string | null>;
}

/** All that says whose process it is: the process itself, its container's engine, its pod. */
export interface Attribution {
  readonly processes: Processes;
  readonly containers: Containers;
  readonly deviceAccess: DeviceAccesses;
  readonly cuda: CudaFacts;
  readonly ownerLabel: string;
  readonly nameProblem: (container: Container) => string;
  readonly podOf: (uid: string) => PodName | null;
  /** Looks up the processes that are on GPUs now; engines are asked on loops of their own. */
  look(pids: readonly number[]): Promise<void>;
}

export function createAttribution(attribution: AttributionOptions): Attribution {
  const { access, clock, options, dockerSocketPath, sources, gpus } = attribution;
  const { commandLines = true, ownerLabel = defaultOwnerLabel } = options;
  const processes = createProcesses({ access, source: sources.cgroup, clock, commandLines });
  const toolkitMode = createToolkitMode(access, clock);
  const containers = createContainers({
    access,
    socketPath: dockerSocketPath,
    source: sources.docker,
    clock,
    commandLines,
    injectionHost: async () => ({
      ...(await toolkitMode()),
      toolkitVersion: await attribution.toolkitVersion(),
    }),
  });
  const cuda = createCudaFacts(access, () => cudaTargets({ gpus, processes, containers }));
  const pods = createPodFolders(access, clock);
  const engines: readonly NamingEngine[] = [
    {
      title: 'Docker',
      runtimes: ['docker', 'unknown'],
      socketPath: dockerSocketPath,
      status: () => sources.docker.status,
    },
  ];
  const deviceAccess = createDeviceAccess({
    access,
    targets: () =>
      [...containers.known].flatMap(([id, { asked, pid, facts }]) =>
        asked === null || facts.state !== 'running' ? [] : [{ id, pid, asked }],
      ),
    gpus,
  });
  return {
    ...{ processes, containers, deviceAccess, cuda, ownerLabel },
    nameProblem: (container) => nameProblemOf(container, engines),
    podOf: pods.of,
    async look(pids) {
      await processes.refresh(pids);
      const owners = pids.flatMap((pid) => processes.factsOf(pid)?.owner ?? []);
      containers.need(owners.flatMap(({ containerId }) => containerId ?? []));
      await pods.need(owners.flatMap(({ podUid }) => podUid ?? []));
      cuda.hurry();
    },
  };
}

/** Running containers that have GPUs, with their processes on them. */
function cudaTargets({
  gpus,
  processes,
  containers,
}: Pick<Attribution, 'processes' | 'containers'> & {
  readonly gpus: () => readonly Gpu[];
}): readonly CudaTarget[] {
  const byContainer = new Map<string, Map<number, string>>();
  for (const { pid } of gpus().flatMap((gpu) => gpu.processes)) {
    const id = processes.factsOf(pid)?.owner.containerId ?? null;
    const identity = processes.identityOf(pid);
    if (id === null || identity === null) continue;
    byContainer.set(id, (byContainer.get(id) ?? new Map()).set(pid, identity));
  }
  const granted = [...containers.known.values()].filter(
    ({ asked, facts }) => asked !== null && facts.state === 'running',
  );
  const ids = new Set([...byContainer.keys(), ...granted.map(({ facts }) => facts.id)]);
  return [...ids].map((id) => {
    const engine = containers.known.get(id);
    return {
      id,
      startedAt: engine?.facts.startedAt ?? null,
      stack: engine?.stack ?? null,
      processes: [...(byContainer.get(id) ?? [])].map(([pid, identity]) => ({ pid, identity })),
    };
  });
}
