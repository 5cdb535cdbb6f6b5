import type { ReportedGpu, SourceStatus } from '../../lib/model/index.ts';
import type { SmiDocument } from '../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { isoNow, systemClock } from './clock.ts';
import { createContainers } from './containers/index.ts';
import { mergeContainers } from './containers/merge.ts';
import { createFaults } from './faults/index.ts';
import { fitSnapshot } from './fit.ts';
import { createGpus, type GpusView } from './gpus/index.ts';
import { type CollectedLabels, createHostLabels } from './labels/index.ts';
import type { Collector, CollectorOptions, Snapshot } from './options.ts';
import { createPci } from './pci/index.ts';
import { createProcesses, type Processes } from './processes/index.ts';
import { fitRaw } from './raw.ts';
import { createSource, type Source } from './source.ts';
import { createStack } from './stack/index.ts';

const stopSeconds = 3;

/** Reads one host through `access`; the same for this machine, a recorded, a played and a remote one. */
export function createCollector(access: HostAccess, options: CollectorOptions): Collector {
  const { clock = systemClock, nvidiaSmiPath = null, dockerSocketPath = '/var/run/docker.sock' } = options;
  const sources = createSources(clock, nvidiaSmiPath, dockerSocketPath);
  const labelSources = createLabelSources(clock);
  const listeners = new Set<() => void>();
  let { intervalSeconds } = options;
  let smiDriverVersion: string | null = null;

  const processes = createProcesses(access, sources.cgroup);
  const containers = createContainers(access, dockerSocketPath, sources.docker);
  const onDocument = async (document: SmiDocument): Promise<void> => {
    const pids = document.gpus.flatMap(({ gpu }) => gpu.processes.map((process) => process.pid));
    await processes.refresh(pids);
    containers.need(pids.flatMap((pid) => processes.ownerOf(pid)?.containerId ?? []));
    if (smiDriverVersion !== null && smiDriverVersion !== document.driverVersion) stack.refresh();
    smiDriverVersion = document.driverVersion;
  };
  const pci = createPci({ access, clock, source: sources.pci, onChange: () => gpus.refresh() });
  const gpus = createGpus({
    access,
    clock,
    intervalSeconds,
    nvidiaSmiPath,
    hold: options.hold ?? true,
    documentIntervalSeconds: options.documentIntervalSeconds ?? null,
    documentSource: sources.document,
    streamSource: sources.stream,
    onDocument,
    pci: () => pci.reading,
    onSample() {
      for (const listener of listeners) listener();
    },
  });
  const stack = createStack({
    access,
    driverSource: sources.driver,
    toolkitSource: sources.toolkit,
    systemSource: sources.system,
    onDriverChange: () => gpus.refresh(),
  });
  const { kernelLog = 'auto' } = options;
  const faults = createFaults({
    access,
    clock,
    source: sources.kernelLog,
    kernelLog,
    intervalSeconds: () => intervalSeconds,
  });
  const labels =
    options.labels === undefined ? null : createHostLabels({ access, ...options.labels, ...labelSources });
  const snapshot = (): Snapshot => {
    const view = gpus.view();
    const reported = reportGpus(view, processes);
    return fitSnapshot({
      takenAt: isoNow(clock),
      intervalSeconds,
      condition: view.condition,
      failure: view.failure,
      stack: { ...stack.facts, ...versionsOf(view), dockerVersion: containers.engineVersion },
      gpus: reported,
      containers: mergeContainers(reported, containers.known),
      sources: statusesOf(Object.values(sources), Object.values(labelSources)),
      problems: [...view.problems, ...containers.problems, ...faults.problems, ...(labels?.problems ?? [])],
      pciGpus: pci.reading?.gpus ?? null,
      faults: faults.view(reported),
    });
  };
  return {
    async start() {
      await pci.start();
      await Promise.all([gpus, containers, stack, faults, labels].map((part) => part?.start()));
      await containers.caughtUp();
    },
    snapshot,
    raw: () => fitRaw(gpus.raw(), stack.raw, containers.engineVersion),
    get labels() {
      return labels?.current ?? noLabels;
    },
    get intervalSeconds() {
      return intervalSeconds;
    },
    setIntervalSeconds(seconds) {
      if (seconds === intervalSeconds) return;
      intervalSeconds = seconds;
      gpus.setIntervalSeconds(seconds);
    },
    onSample(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      listeners.clear();
      await stopAll([gpus, pci, containers, stack, faults, ...(labels === null ? [] : [labels])]);
    },
  };
}

const versionsOf = ({ driverVersion, cudaVersion }: GpusView) => ({ driverVersion, cudaVersion });

/** Most hosts have none of the optional ones, and that is no news. */
function statusesOf(sources: readonly Source[], optional: readonly Source[]): readonly SourceStatus[] {
  const there = optional.filter(({ status }) => status.state !== 'absent');
  return [...sources, ...there].map(({ status }) => status);
}

/** Ends all of them; what takes too long is left behind. */
async function stopAll(parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stopSeconds * 1000);
  });
  await Promise.race([Promise.all(parts.map((part) => part.stop())), late]);
  clearTimeout(timer);
}

function createSources(
  clock: Parameters<typeof createSource>[2],
  nvidiaSmiPath: string | null,
  dockerSocketPath: string | null,
) {
  const program = nvidiaSmiPath ?? 'nvidia-smi';
  return {
    document: createSource('nvidia-smi-xml', `${program} -q -x`, clock),
    stream: createSource('nvidia-smi-stream', `${program} --query-gpu`, clock),
    docker: createSource('docker', dockerSocketPath ?? 'not asked', clock),
    driver: createSource('driver-version', '/proc/driver/nvidia/version', clock),
    toolkit: createSource('container-toolkit', 'nvidia-ctk --version', clock),
    system: createSource('os', '/etc/os-release', clock),
    pci: createSource('pci', '/sys/bus/pci/devices', clock),
    kernelLog: createSource('kernel-log', '/dev/kmsg', clock),
    cgroup: createSource('cgroup', '/proc/PID/cgroup', clock),
  };
}

const noLabels: CollectedLabels = { labels: {}, sources: {} };

const createLabelSources = (clock: Parameters<typeof createSource>[2]) => ({
  fileSource: createSource('labels-file', 'labels.yaml', clock),
  slurmSource: createSource('slurm', 'scontrol show node', clock),
});

/** GPUs as a report has them, each process with its owner. */
export function reportGpus(
  view: Pick<GpusView, 'gpus'>,
  processes: Pick<Processes, 'ownerOf'>,
): ReportedGpu[] {
  return view.gpus.map(({ gpu, state, failure, sampledAt, detailsSampledAt, detailsMemoryUsedBytes }) => ({
    ...gpu,
    processes: gpu.processes.map((process) => ({ ...process, owner: processes.ownerOf(process.pid) })),
    state,
    failure,
    sampledAt,
    detailsSampledAt,
    detailsMemoryUsedBytes,
  }));
}
