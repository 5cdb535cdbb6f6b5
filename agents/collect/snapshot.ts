import type { GpuProcess, ProcessOwner, ReportedGpu } from '../../lib/model/index.ts';
import { type Clock, isoNow } from './clock.ts';
import type { Containers } from './containers/index.ts';
import { mergeContainers } from './containers/merge.ts';
import type { CudaFacts } from './cuda/index.ts';
import type { Faults } from './faults/index.ts';
import { fitSnapshot } from './fit.ts';
import type { Gpus, GpusView } from './gpus/index.ts';
import type { HostLabels } from './labels/index.ts';
import type { Notes } from './notes.ts';
import type { Snapshot } from './options.ts';
import type { Pauses } from './pauses/index.ts';
import type { Pci } from './pci/index.ts';
import type { Processes } from './processes/index.ts';
import type { Source } from './source.ts';
import type { Stack } from './stack/index.ts';

/** The parts of a collector that a report is made of. */
export interface Parts {
  readonly clock: Clock;
  readonly intervalSeconds: number;
  readonly sources: Readonly<Record<string, Source>>;
  readonly labelSources: Readonly<Record<string, Source>>;
  readonly gpus: Gpus;
  readonly processes: Processes;
  readonly containers: Containers;
  readonly cuda: CudaFacts;
  readonly stack: Stack;
  readonly faults: Faults;
  readonly labels: HostLabels | null;
  readonly pci: Pci;
  readonly pauses: Pauses;
  readonly notes: Notes;
}

/** What all parts know at this moment. */
export function takeSnapshot(parts: Parts): Snapshot {
  const { clock, intervalSeconds, sources, labelSources } = parts;
  const { gpus, processes, containers, cuda, stack, faults, labels, pci, pauses, notes } = parts;
  const view = gpus.view();
  notes.see(view.condition, view.failure);
  const reported = reportGpus(view, processes);
  return fitSnapshot({
    takenAt: isoNow(clock),
    intervalSeconds,
    condition: view.condition,
    failure: view.failure,
    stack: {
      ...stack.facts,
      driverVersion: view.driverVersion,
      cudaVersion: view.cudaVersion,
      dockerVersion: containers.engineVersion,
    },
    gpus: reported,
    containers: mergeContainers(reported, containers.known, cuda.of),
    sources: [
      ...Object.values(sources).map((source) => source.status),
      // Most hosts have neither, and that is no news.
      ...Object.values(labelSources).flatMap(({ status }) => (status.state === 'absent' ? [] : [status])),
    ],
    problems: [...view.problems, ...containers.problems, ...faults.problems, ...(labels?.problems ?? [])],
    pciGpus: pci.reading?.gpus ?? null,
    faults: faults.view(reported),
    notes: notes.all,
    failedContainers: containers.failed,
    pause: view.condition === 'paused' ? pauses.current : null,
  });
}

/** Between two documents a process is the same object, and so it is in reports: what is made of it is made once. */
const owned = new WeakMap<GpuProcess, ReportedGpu['processes'][number]>();

function withOwner(process: GpuProcess, owner: ProcessOwner | null): ReportedGpu['processes'][number] {
  const before = owned.get(process);
  if (before !== undefined && before.owner === owner) return before;
  const made = { ...process, owner };
  owned.set(process, made);
  return made;
}

/** GPUs as a report has them, each process with its owner. */
export function reportGpus(
  view: Pick<GpusView, 'gpus'>,
  processes: Pick<Processes, 'ownerOf'>,
): ReportedGpu[] {
  return view.gpus.map(({ gpu, state, failure, sampledAt, detailsSampledAt, detailsMemoryUsedBytes }) => ({
    ...gpu,
    processes: gpu.processes.map((process) => withOwner(process, processes.ownerOf(process.pid))),
    state,
    failure,
    sampledAt,
    detailsSampledAt,
    detailsMemoryUsedBytes,
  }));
}
