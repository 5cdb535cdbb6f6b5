import type { SmiDocument } from '../../lib/nvidia-smi/index.ts';
import { createGatedAccess, isGated } from '../access/gate.ts';
import type { HostAccess } from '../access/host-access.ts';
import { systemClock } from './clock.ts';
import { createContainers } from './containers/index.ts';
import { createFaults } from './faults/index.ts';
import { createGpus } from './gpus/index.ts';
import { type CollectedLabels, createHostLabels } from './labels/index.ts';
import type { Collector, CollectorOptions, Snapshot } from './options.ts';
import { createPauses, type Pauses } from './pauses/index.ts';
import { createMigWatch } from './pauses/mig-pending.ts';
import { keepAsleep } from './pauses/sleep.ts';
import { createPci } from './pci/index.ts';
import { createProcesses } from './processes/index.ts';
import { fitRaw } from './raw.ts';
import { takeSnapshot } from './snapshot.ts';
import { createLabelSources, createSources } from './sources.ts';
import { createStack } from './stack/index.ts';

const stopSeconds = 3;

/** Reads one host through `access`; the same for this machine, a recorded, a played and a remote one. */
export function createCollector(host: HostAccess, options: CollectorOptions): Collector {
  const { clock = systemClock, nvidiaSmiPath = null, dockerSocketPath = '/var/run/docker.sock' } = options;
  const access = isGated(host) ? host : createGatedAccess(host, nvidiaSmiPath);
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
  const parts = {
    ...{ clock, sources, labelSources, gpus, processes, containers, stack, faults, labels, pci, pauses },
  };
  const snapshot = (): Snapshot => takeSnapshot({ ...parts, intervalSeconds });
  return {
    async start() {
      await pci.start();
      await Promise.all([gpus, containers, stack, faults, labels].map((part) => part?.start()));
      await containers.caughtUp();
    },
    pauses,
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
      pauses.stop();
      await stopAll([gpus, pci, containers, stack, faults, ...(labels === null ? [] : [labels])]);
    },
  };
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

const noLabels: CollectedLabels = { labels: {}, sources: {} };
