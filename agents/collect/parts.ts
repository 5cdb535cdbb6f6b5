import type { SmiDocument } from '../../lib/nvidia-smi/index.ts';
import { createGatedAccess, type GatedAccess, isGated } from '../access/gate.ts';
import type { HostAccess } from '../access/host-access.ts';
import { createAttribution } from './attribution.ts';
import { systemClock } from './clock.ts';

import { createFaults } from './faults/index.ts';
import { createGpus } from './gpus/index.ts';
import { type GpuSoftware, gpuSoftwareOf } from './gpus/software.ts';
import { createHostLabels } from './labels/index.ts';
import { createNotes } from './notes.ts';
import type { CollectorOptions, SampleEvent } from './options.ts';
import { createPauses, type Hold, type Pauses } from './pauses/index.ts';
import { createMigWatch } from './pauses/mig-pending.ts';
import { createSleepWatch } from './pauses/sleep.ts';
import { createPci } from './pci/index.ts';
import { createShares } from './shares/index.ts';
import type { Parts } from './snapshot.ts';
import { createLabelSources, createSources } from './sources.ts';
import { createStack } from './stack/index.ts';

export interface PartsOptions {
  readonly options: CollectorOptions;
  /** As it is now: the hub changes it. */
  readonly intervalSeconds: () => number;
  readonly onSample: (event: SampleEvent) => void;
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
  const attribution = createAttribution({
    ...{ access, clock, options, dockerSocketPath, sources },
    async toolkitVersion() {
      await stack.ready;
      return stack.facts.containerToolkitVersion;
    },
    gpus: () => gpus.view().gpus.map(({ gpu }) => gpu),
    gpuProcesses: () => gpus.processes(),
  });
  const shares = createShares({
    access,
    clock,
    source: sources.shares,
    intervalSeconds: intervalSeconds(),
    hold: options.hold ?? true,
    onHint: () => gpus.refresh(),
  });
  const onDocument = async (document: SmiDocument, program: string | null): Promise<void> => {
    gpuSoftware = gpuSoftwareOf(document);
    const pids = document.gpus.flatMap(({ gpu }) => gpu.processes.map((process) => process.pid));
    await attribution.look(pids);
    if (smiDriverVersion !== null && smiDriverVersion !== document.driverVersion) stack.refresh();
    smiDriverVersion = document.driverVersion;
    migWatch.note(document);
    await sleepWatch?.noteDocument(document);
    if (!pauses.current) shares.watch(document, program);
  };
  const setHold = async (hold: Hold): Promise<void> => {
    await Promise.all([hold === 'read' ? null : shares.halt(), gpus.setHold(hold)]);
  };
  const pauses: Pauses = createPauses({ gate: access, clock, setHold });
  const migWatch = createMigWatch(() => pauses);
  const sleepWatch = options.wake === true ? null : createSleepWatch({ access, clock, pauses: () => pauses });
  const pci = createPci({
    access,
    clock,
    source: sources.pci,
    mayChange: () => pauses.of('asleep') !== null || gpus.isFailing,
    onChange(reading) {
      sleepWatch?.noteBus(reading?.gpus ?? []);
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
  const faults = createFaults({
    ...{ access, clock, source: sources.kernelLog, kernelLog, intervalSeconds },
    onXid() {
      gpus.noteXid();
      pci.refresh();
    },
  });
  const labels =
    options.labels === undefined ? null : createHostLabels({ access, ...options.labels, ...labelSources });
  pauses.onChange(() => pci.refresh());
  const readers = { gpus, shares, stack, faults, labels, pci };
  const told = { pauses, notes, gpuSoftware: () => gpuSoftware };
  return { ...attribution, access, clock, sources, labelSources, ...readers, ...told };
}
