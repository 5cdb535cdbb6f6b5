import type { HostAccess } from '../access/host-access.ts';
import type { CollectedLabels } from './labels/index.ts';
import type { Collector, CollectorOptions, SampleEvent } from './options.ts';
import { createParts } from './parts.ts';
import { fitRaw } from './raw.ts';
import { takeSnapshot } from './snapshot.ts';

const stopSeconds = 3;
/** What containers have mapped is told with a later report where it takes long. */
const lookSeconds = 2;

/** Reads one host through `access`; the same for this machine, a recorded, a played and a remote one. */
export function createCollector(host: HostAccess, options: CollectorOptions): Collector {
  const listeners = new Set<(event: SampleEvent) => void>();
  let { intervalSeconds } = options;
  const tell = (event: SampleEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const parts = createParts(host, {
    options,
    intervalSeconds: () => intervalSeconds,
    onSample: tell,
  });
  const {
    access,
    gpus,
    containers,
    kubelet,
    shares,
    deviceAccess,
    cuda,
    stack,
    faults,
    labels,
    pci,
    pauses,
  } = parts;
  return {
    async start() {
      await pci.start();
      await Promise.all([gpus, containers, kubelet, stack, faults, labels].map((part) => part?.start()));
      await containers.caughtUp();
      await deviceAccess.start();
      await within(lookSeconds, cuda.start());
    },
    pauses,
    stuckProcesses: () => access.stuckPids().length,
    gpuSoftware: parts.gpuSoftware,
    get kernelDriverVersion() {
      return stack.facts.kernelDriverVersion;
    },
    refreshStack: () => stack.refresh(),
    snapshot: () => takeSnapshot({ ...parts, intervalSeconds }),
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
      shares.setIntervalSeconds(seconds);
      tell('paced');
    },
    onSample(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      listeners.clear();
      pauses.stop();
      const reading = [gpus, pci, containers, kubelet, shares, deviceAccess, cuda, stack, faults];
      await stopAll(labels === null ? reading : [...reading, labels]);
    },
  };
}

/** Ends all of them; what takes too long is left behind. */
async function stopAll(parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  await within(stopSeconds, Promise.all(parts.map((part) => part.stop())));
}

/** Waits for it, but no longer than so. */
async function within(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

const noLabels: CollectedLabels = { labels: {}, sources: {} };
