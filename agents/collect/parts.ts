import type { SmiDocument } from '../../lib/nvidia-smi/index.ts';
import { createGatedAccess, type GatedAccess, isGated } from '../access/gate.ts';
import type { HostAccess } from '../access/host-access.ts';
import { systemClock } from './clock.ts';
import { createContainers } from './containers/index.ts';
import { type CudaTarget, createCudaFacts } from './cuda/index.ts';
import { createToolkitMode } from './cuda/toolkit-mode.ts';
import { createFaults } from './faults/index.ts';
import { createGpus } from './gpus/index.ts';
import { type GpuSoftware, gpuSoftwareOf } from './gpus/software.ts';
import { createHostLabels } from './labels/index.ts';
import { createNotes } from './notes.ts';
import type { CollectorOptions } from './options.ts';
import { createPauses, type Pauses } from './pauses/index.ts';
import { createMigWatch } from './pauses/mig-pending.ts';
import { keepAsleep } from './pauses/sleep.ts';
import { createPci } from './pci/index.ts';
import { createProcesses } from './processes/index.ts';
import type { Parts } from './snapshot.ts';
import { createLabelSources, createSources } from './sources.ts';
import { createStack } from './stack/index.ts';

export interface PartsOptions {
  readonly options: CollectorOptions;
  /** As it is now: the hub changes it. */
  readonly intervalSeconds: () => number;
  readonly onSample: () => void;
}

export interface AllParts extends Omit<Parts, 'intervalSeconds'> {
  /** Of the last good document; null until there was one. */
  readonly gpuSoftware: () => GpuSoftware | null;
  readonly access: GatedAccess;
}

/** Everything that reads a host, joined: what one finds makes another look again. */
export function createParts(
  host: HostAccess,
  { options, intervalSeconds, onSample }: PartsOptions,
): AllParts {
  const { clock = systemClock, nvidiaSmiPath = null, dockerSocketPath = '/var/run/docker.sock' } = options;
  const access = isGated(host) ? host : createGatedAccess(host, nvidiaSmiPath);
  const sources = createSources(clock, nvidiaSmiPath, dockerSocketPath);
  const labelSources = createLabelSources(clock);
  let smiDriverVersion: string | null = null;
  let gpuSoftware: GpuSoftware | null = null;

  const notes = createNotes(clock);
  const processes = createProcesses(access, sources.cgroup);
  const toolkitMode = createToolkitMode(access, clock);
  const containers = createContainers({
    access,
    socketPath: dockerSocketPath,
    source: sources.docker,
    async injectionHost() {
      await stack.ready;
      return { ...(await toolkitMode()), toolkitVersion: stack.facts.containerToolkitVersion };
    },
  });
  const cuda = createCudaFacts(access, () => cudaTargets({ gpus, processes, containers }));
  const onDocument = async (document: SmiDocument): Promise<void> => {
    gpuSoftware = gpuSoftwareOf(document);
    const pids = document.gpus.flatMap(({ gpu }) => gpu.processes.map((process) => process.pid));
    await processes.refresh(pids);
    containers.need(pids.flatMap((pid) => processes.ownerOf(pid)?.containerId ?? []));
    if (smiDriverVersion !== null && smiDriverVersion !== document.driverVersion) stack.refresh();
    smiDriverVersion = document.driverVersion;
    cuda.hurry();
    migWatch.note(document);
  };
  const pauses: Pauses = createPauses({ gate: access, clock, setHold: (hold) => gpus.setHold(hold) });
  const migWatch = createMigWatch(() => pauses);
  const pci = createPci({
    access,
    clock,
    source: sources.pci,
    onChange(reading) {
      if (options.wake !== true) keepAsleep(pauses, reading?.gpus ?? []);
      gpus.refresh();
    },
  });
  const gpus = createGpus({
    access,
    clock,
    intervalSeconds: intervalSeconds(),
    nvidiaSmiPath,
    hold: options.hold ?? true,
    documentIntervalSeconds: options.documentIntervalSeconds ?? null,
    documentSource: sources.document,
    streamSource: sources.stream,
    onDocument,
    pci: () => pci.reading,
    onNote: notes.add,
    onSample,
  });
  const stack = createStack({
    access,
    driverSource: sources.driver,
    toolkitSource: sources.toolkit,
    systemSource: sources.system,
    onDriverChange: () => gpus.refresh(),
  });
  const { kernelLog = 'auto' } = options;
  const faults = createFaults({ access, clock, source: sources.kernelLog, kernelLog, intervalSeconds });
  const labels =
    options.labels === undefined ? null : createHostLabels({ access, ...options.labels, ...labelSources });
  const readers = { gpus, processes, containers, cuda, stack, faults, labels, pci };
  return {
    access,
    clock,
    sources,
    labelSources,
    ...readers,
    pauses,
    notes,
    gpuSoftware: () => gpuSoftware,
  };
}

/** Running containers that have GPUs, with their processes on them. */
function cudaTargets({
  gpus,
  processes,
  containers,
}: Pick<AllParts, 'gpus' | 'processes' | 'containers'>): readonly CudaTarget[] {
  const byContainer = new Map<string, Map<number, string>>();
  for (const { gpu } of gpus.view().gpus)
    for (const { pid } of gpu.processes) {
      const id = processes.ownerOf(pid)?.containerId ?? null;
      const identity = processes.identityOf(pid);
      if (id === null || identity === null) continue;
      byContainer.set(id, (byContainer.get(id) ?? new Map()).set(pid, identity));
    }
  const granted = [...containers.known.values()].filter(
    (each) => each.isGranted && each.facts.state === 'running',
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
