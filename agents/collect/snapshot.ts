import type { SourceStatus } from '../../lib/model/index.ts';
import { type Clock, isoNow } from './clock.ts';
import type { DeviceAccesses } from './containers/device-access.ts';
import type { KubeletGrants } from './containers/kubelet.ts';
import type { Roster } from './containers/roster.ts';

import type { CudaFacts } from './cuda/index.ts';

import type { Faults } from './faults/index.ts';
import { fitSnapshot } from './fit.ts';
import type { Gpus } from './gpus/index.ts';
import type { HostLabels } from './labels/index.ts';
import type { Notes } from './notes.ts';
import type { Snapshot } from './options.ts';
import { joinOwners, reportGpus } from './owners/index.ts';
import type { Pauses } from './pauses/index.ts';
import type { Pci } from './pci/index.ts';
import type { Processes } from './processes/index.ts';
import type { Shares } from './shares/index.ts';
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
  readonly containers: Roster;
  readonly kubelet: KubeletGrants;
  readonly engineSources: () => readonly SourceStatus[];
  readonly cuda: CudaFacts;
  readonly shares: Shares;
  readonly ownerLabel: string;
  readonly commandLines: boolean;
  readonly podOf: (uid: string) => { readonly namespace: string; readonly name: string } | null;
  readonly deviceAccess: DeviceAccesses;
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
  const { gpus, containers, cuda, stack, faults, labels, pci, pauses, notes } = parts;
  parts.shares.fetch();
  const view = gpus.view();
  // A driver may have failed because a GPU left the bus.
  if (notes.see(view.condition, view.failure)) pci.refresh();
  const reported = reportGpus(view, parts);
  const joined = joinOwners({
    ...parts,
    gpus: reported,
    containers: containers.known,
    nameProblem: containers.nameProblem,
    kubeletGrantOf: parts.kubelet.of,
    deviceAccessOf: parts.deviceAccess.of,
    cudaOf: cuda.of,
  });
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
    containers: joined.containers,
    owners: joined.owners,
    sources: [
      ...Object.values(sources).map((source) => source.status),
      ...parts.engineSources(),
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
