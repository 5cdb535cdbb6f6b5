import type { AlertTally, HostMaintenance } from './alert.ts';
import type { ContainerCompat } from './compat-views.ts';
import type { Container, ContainerGpuUse } from './container.ts';
import type { ContainerExit } from './container-cuda.ts';
import type { Diagnosis } from './doctor.ts';
import type { Failure, Problem } from './failure.ts';
import type { Fault, ReportedFaults } from './faults.ts';
import type { GpuState, ReportedGpu } from './gpu.ts';
import type { GrantFinding } from './grant.ts';
import type { HostLabel } from './labels.ts';
import type { CollectionNote } from './note.ts';
import type { Owner } from './owner.ts';
import type { HostAskedPause, Pause } from './pause.ts';
import type { PciGpu } from './pci.ts';
import type { AgentStatus, GpuCondition, HostStack, SourceStatus } from './report.ts';

/**
 * What a host looks like from the hub. `gone`: three intervals without a report. `late`: more than one and a half.
 * The others come from its last report.
 */
export type HostState =
  | 'ok'
  | 'starting'
  | 'gpu-lost'
  | 'driver-failed'
  | 'driver-hung'
  | 'no-gpus'
  | 'paused'
  | 'late'
  | 'gone';

/** What is wrong with a GPU, or was lately, in as few words as a list has room for. */
export interface GpuFaultMark {
  readonly severity: 'critical' | 'warning';
  /** As in Fault.key. */
  readonly key: string;
  /** `Xid 95: Uncontained memory error` */
  readonly title: string;
  /** ISO 8601, hub clock; null where nobody knows. */
  readonly since: string | null;
}

/** A GPU as the fleet map, tables and the stream need it. Values are null when `current` is false for its host. */
export interface GpuSummary {
  readonly uuid: string;
  readonly index: number | null;
  readonly name: string | null;
  readonly state: GpuState;
  readonly utilizationRatio: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly temperatureCelsius: number | null;
  readonly powerWatts: number | null;
  readonly powerLimitWatts: number | null;
  readonly throttleReasons: readonly string[] | null;
  readonly migDevices: readonly {
    readonly profile: string | null;
    readonly memoryUsedBytes: number | null;
    readonly memoryTotalBytes: number | null;
  }[];
  readonly processCount: number;
  /** The worst first, a few at most: the host's `faults` have all, with what to do. Empty while its host is gone. */
  readonly faults: readonly GpuFaultMark[];
}

/** One line of the Hosts page and one group of cells of the Fleet page. */
export interface HostSummary {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  readonly labels: readonly HostLabel[];
  readonly state: HostState;
  /** One sentence in words: what is wrong, or "reporting". */
  readonly stateReason: string;
  readonly stateSince: string;
  /** Hub clock, ISO 8601; null when it enrolled and never reported. */
  readonly lastReportAt: string | null;
  readonly intervalSeconds: number;
  /** True while the numbers may be shown as now. */
  readonly current: boolean;
  /** Of the loaded module, or as nvidia-smi says; null while neither tells it. */
  readonly driverVersion: string | null;
  /** Null while nvidia-smi does not answer. */
  readonly cudaVersion: string | null;
  readonly containerCount: number;
  /** Null while it is in none. */
  readonly maintenance: HostMaintenance | null;
  readonly gpus: readonly GpuSummary[];
}

/** Memory of a GPU by owner; owners plus remainder are the GPU's own number, and an overcount is said to be one. */
export interface UnattributedUse {
  readonly usedMemoryBytes: number | null;
  readonly overcountBytes: number;
  readonly pids: readonly number[];
}

export interface GpuDetail extends ReportedGpu {
  readonly hostId: string;
  readonly hostname: string;
  readonly current: boolean;
  /** By how long the sample is old, hub clock, when this view was made. */
  readonly ageSeconds: number | null;
  readonly unattributed: UnattributedUse;
}

export interface ContainerView extends Container {
  /** What is odd about what it was given and what it uses. */
  readonly findings: readonly GrantFinding[];
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  /** What the container stands on: the loaded driver, the newest CUDA that it supports, the toolkit that joins them. */
  readonly hostDriverVersion: string | null;
  readonly hostCudaVersion: string | null;
  readonly hostToolkitVersion: string | null;
  readonly current: boolean;
  /** Whether it can use CUDA there; null: nobody judges. */
  readonly compat: ContainerCompat | null;
  /** How it ended; null while it runs. */
  readonly exit: ContainerExit | null;
  readonly gpus: readonly (ContainerGpuUse & {
    readonly gpuIndex: number | null;
    readonly gpuName: string | null;
  })[];
}

/** Everything of one host: GET /api/v1/hosts/{id} and the Host page. */
export interface HostDetail extends Omit<HostSummary, 'gpus'> {
  /** Labels that do not count, since a stronger source has the same key. */
  readonly hiddenLabels: readonly HostLabel[];
  readonly condition: GpuCondition | null;
  readonly failure: Failure | null;
  readonly takenAt: string | null;
  readonly ageSeconds: number | null;
  /** Host clock minus hub clock. */
  readonly clockOffsetSeconds: number | null;
  readonly stack: HostStack | null;
  readonly agent: AgentStatus | null;
  readonly gpus: readonly GpuDetail[];
  readonly containers: readonly ContainerView[];
  /** That failed to start or ended badly within a minute, of the last day, the newest first. */
  readonly failedContainers: readonly ContainerView[];
  /** Who uses its GPUs and is no container. */
  readonly owners: readonly Owner[];
  /** What is odd about what containers were given and what they use: the worst first. */
  readonly grantFindings: readonly GrantFinding[];
  readonly sources: readonly SourceStatus[];
  readonly problems: readonly Problem[];
  /** NVIDIA GPUs on the PCI bus; null where that is not known. */
  readonly pciGpus: readonly PciGpu[] | null;
  /** What is wrong, in words: the worst first. */
  readonly faults: readonly Fault[];
  /** The counts behind it; null of an older agent, which tells none. */
  readonly faultCounts: ReportedFaults | null;
  /** Why its agent let go of the GPUs, as it reports; null while they are read. */
  readonly pause: Pause | null;
  /** What its agent did by itself, the newest last. */
  readonly notes: readonly CollectionNote[];
  /** What the hub asks of its agent; null when nothing. */
  readonly askedPause: HostAskedPause | null;
  /** What is wrong with its GPU stack, as its agent last looked; null: it has not, or is too old to. */
  readonly doctor: Diagnosis | null;
}

export interface FleetTotals {
  readonly hosts: number;
  readonly hostsReporting: number;
  readonly gpus: number;
  readonly gpusLost: number;
  /** Of hosts that tell no numbers now, though nobody paused them: gone, or their driver fails or hangs. */
  readonly gpusUnreadable: number;
  /** Mean over GPUs that tell it; null when none does. */
  readonly utilizationRatio: number | null;
  readonly busyGpus: number;
  readonly powerWatts: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
}

/** One thing that needs a person, worst first, with the address of its reason. */
export interface AttentionItem {
  readonly severity: 'critical' | 'warning';
  /** Null: it concerns several hosts. */
  readonly hostId: string | null;
  readonly text: string;
  readonly since: string | null;
  /** Path of the page that explains it. */
  readonly href: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
  readonly total: number;
}

/** What the stream sends; a topic is `fleet` (HostSummary of all) or `host/<id>` (HostDetail of one). */
export type StreamFrame =
  | {
      readonly topic: 'fleet';
      readonly event: 'snapshot';
      readonly serverTime: string;
      readonly alerts: AlertTally;
      readonly hosts: readonly HostSummary[];
    }
  | {
      readonly topic: 'fleet';
      readonly event: 'delta';
      readonly serverTime: string;
      readonly alerts: AlertTally;
      readonly hosts: readonly HostSummary[];
      readonly removed: readonly string[];
    }
  | {
      readonly topic: `host/${string}`;
      readonly event: 'snapshot' | 'delta';
      readonly serverTime: string;
      readonly host: HostDetail | null;
    };

/** One series of GET /api/v1/query_range. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** [unix seconds, mean, min, max] a step; gaps are left out, never filled. */
  readonly points: readonly (readonly [number, number, number, number])[];
}

export interface RangeResult {
  readonly metric: string;
  readonly unit: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds: number;
  /** Which store answered: `raw`, `1m` or `1h`. */
  readonly resolution: string;
  readonly series: readonly RangeSeries[];
}
