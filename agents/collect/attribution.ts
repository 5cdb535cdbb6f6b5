import type { Gpu, GpuProcess, SourceStatus } from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import type { Clock } from './clock.ts';
import { createDeviceAccess, type DeviceAccesses } from './containers/device-access.ts';
import { createEngines } from './containers/engines.ts';
import type { KubeletGrants } from './containers/kubelet.ts';
import { createPodFolders, type PodName } from './containers/pod-folders.ts';
import type { Roster } from './containers/roster.ts';
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
  /** On the GPUs now. */
  readonly gpuProcesses: () => readonly GpuProcess[];
  readonly toolkitVersion: () => Promise<string | null>;
}

/** All that says whose process it is: the process itself, its container's engine, its pod. */
export interface Attribution {
  readonly processes: Processes;
  readonly containers: Roster;
  readonly kubelet: KubeletGrants;
  readonly deviceAccess: DeviceAccesses;
  readonly cuda: CudaFacts;
  readonly ownerLabel: string;
  readonly commandLines: boolean;
  readonly podOf: (uid: string) => PodName | null;
  /** Engines beside Docker that have something to say. */
  readonly engineSources: () => readonly SourceStatus[];
  /** Looks up the processes that are on GPUs now; engines are asked on loops of their own. */
  look(pids: readonly number[]): Promise<void>;
}

export function createAttribution(attribution: AttributionOptions): Attribution {
  const { access, clock, options, dockerSocketPath, sources, gpus } = attribution;
  const { commandLines = true, people = true, ownerLabel = defaultOwnerLabel } = options;
  const processes = createProcesses({ access, source: sources.cgroup, clock, commandLines, people });
  const toolkitMode = createToolkitMode(access, clock);
  const { roster, kubelet, kubeletSource } = createEngines({
    ...{ access, clock, options, dockerSocketPath, dockerSource: sources.docker },
    onChange: () => cuda.again(),
    injectionHost: async () => ({
      ...(await toolkitMode()),
      toolkitVersion: await attribution.toolkitVersion(),
    }),
  });
  const cuda = createCudaFacts(access, () =>
    cudaTargets({ gpuProcesses: attribution.gpuProcesses, processes, containers: roster }),
  );
  const pods = createPodFolders(access, clock);
  const deviceAccess = createDeviceAccess({
    access,
    targets: () =>
      [...roster.known].flatMap(([id, { asked, pid, facts }]) =>
        asked === null || facts.state !== 'running' ? [] : [{ id, pid, asked }],
      ),
    gpus,
  });
  return {
    ...{ processes, containers: roster, kubelet, deviceAccess, cuda, ownerLabel, commandLines },
    podOf: pods.of,
    engineSources: () => [
      ...roster.optionalSources,
      ...(kubeletSource.status.state === 'ok' ? [kubeletSource.status] : []),
    ],
    async look(pids) {
      await processes.refresh(pids);
      const facts = pids.flatMap((pid) => processes.factsOf(pid) ?? []);
      const held = facts.flatMap(({ owner: { containerId, runtime }, cgroupUid }) =>
        containerId === null ? [] : [{ id: containerId, runtime: runtime ?? 'unknown', uid: cgroupUid }],
      );
      roster.need([...new Map(held.map((each) => [each.id, each])).values()]);
      if (people) await pods.need(facts.flatMap(({ owner }) => owner.podUid ?? []));
      cuda.hurry();
    },
  };
}

/** Running containers that have GPUs, with their processes on them. */
function cudaTargets({
  gpuProcesses,
  processes,
  containers,
}: Pick<Attribution, 'processes' | 'containers'> &
  Pick<AttributionOptions, 'gpuProcesses'>): readonly CudaTarget[] {
  const byContainer = new Map<string, Map<number, string>>();
  for (const { pid } of gpuProcesses()) {
    const id = processes.factsOf(pid)?.owner.containerId ?? null;
    const identity = processes.identityOf(pid);
    if (id === null || identity === null) continue;
    byContainer.set(id, (byContainer.get(id) ?? new Map()).set(pid, identity));
  }
  const known = containers.known;
  const granted = [...known.values()].filter(
    ({ asked, facts }) => asked !== null && facts.state === 'running',
  );
  const ids = new Set([...byContainer.keys(), ...granted.map(({ facts }) => facts.id)]);
  return [...ids].map((id) => {
    const engine = known.get(id);
    return {
      id,
      startedAt: engine?.facts.startedAt ?? null,
      stack: engine?.stack ?? null,
      processes: [...(byContainer.get(id) ?? [])].map(([pid, identity]) => ({ pid, identity })),
    };
  });
}
