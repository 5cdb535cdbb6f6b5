import type {
  AgentStatus,
  Container,
  ContainerCompat,
  DoctorFinding,
  DriftFinding,
  GpuDetail,
  HostDetail,
  HostLabel,
  HostStack,
  Owner,
  PciGpu,
  Problem,
  ReportedFaults,
  SourceStatus,
  StackIssue,
} from '../model/index.ts';

/** What a series needs of a GPU; a GpuDetail is one. An agent, which attributes nothing, leaves `unattributed` out. */
export interface ExposedGpu
  extends Omit<GpuDetail, 'hostId' | 'hostname' | 'current' | 'ageSeconds' | 'unattributed'> {
  readonly unattributed?: { readonly usedMemoryBytes: number | null };
}

/** What the verdict of a container needs; an agent, which judges nothing, leaves `compat` out. */
export interface ExposedContainer
  extends Pick<Container, 'id' | 'name' | 'image' | 'runtime' | 'namespace' | 'pod'> {
  readonly compat?: ContainerCompat | null;
}

/** What the exposition needs of a host; a HostDetail is one. */
export interface ExposedHost
  extends Pick<
    HostDetail,
    | 'id'
    | 'hostname'
    | 'group'
    | 'state'
    | 'current'
    | 'lastReportAt'
    | 'driverVersion'
    | 'clockOffsetSeconds'
  > {
  readonly labels: readonly Pick<HostLabel, 'key' | 'value'>[];
  readonly stack: HostStack | null;
  readonly agent: Pick<AgentStatus, 'version' | 'stuckProcesses'> | null;
  readonly gpus: readonly ExposedGpu[];
  readonly containers: readonly (Container & ExposedContainer)[];
  /** Left out of an agent's own, which judges nothing. */
  readonly failedContainers?: readonly ExposedContainer[];
  /** Who uses its GPUs and is no container; left out of an older agent. */
  readonly owners?: readonly Owner[];
  /** Owners of a GPU that are told by name; 50 unless told. */
  readonly maxOwnersPerGpu?: number;
  readonly sources: readonly SourceStatus[];
  readonly problems: readonly Pick<Problem, 'field'>[];
  /** What is wrong with its GPU stack; null: it was not looked at. */
  readonly doctor: { readonly findings: readonly Pick<DoctorFinding, 'code' | 'severity'>[] } | null;
  /** Left out where the bus is not known. */
  readonly pciGpus?: readonly PciGpu[] | null;
  /** Left out of an older agent, which tells none. */
  readonly faultCounts?: Pick<ReportedFaults, 'xids' | 'throttles'> | null;
  /** How it differs from its group's baselines; an agent, which knows none, leaves it out. */
  readonly drift?: readonly Pick<DriftFinding, 'facet' | 'expected' | 'actual'>[];
  /** What is wrong with its software whatever the baselines say; an agent leaves it out. */
  readonly stackIssues?: readonly Pick<StackIssue, 'kind' | 'severity'>[];
}

/** Label texts of one host, made once per rendering: `host="a"` and, in the order of its GPUs, `host="a",gpu="0",uuid="…"`. */
export interface PreparedLabels {
  readonly host: string;
  readonly gpus: readonly string[];
  /** Whether no two of `gpus` are the same text. */
  readonly areGpusDistinct: boolean;
}

/**
 * Takes one series; labels are text as between the braces, `more` (begun by its comma) follows them. A value that is null
 * or not finite gives no series.
 */
export type EmitSample = (labels: string, value: number | null, more?: string) => void;

export type Unit = 'bytes' | 'celsius' | 'hertz' | 'joules' | 'ratio' | 'seconds' | 'watts';

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** Last word of the name (before `_total`); null for counts, flags and infos. */
  readonly unit: Unit | null;
  /** Label names in the order in which they are written; host_info adds `label_…` ones of its own. */
  readonly labels: readonly string[];
  /**
   * Until when it is told: while the GPUs' numbers are of now, while the host reports (a failed driver is then told by
   * its sources), or for ever.
   */
  readonly told: 'while-current' | 'while-reporting' | 'always';
  /** Each series has its GPU's labels and, beside them, what no other of that GPU has: distinct when the GPUs are. */
  readonly perGpu?: boolean;
  readonly emit: (host: ExposedHost, prepared: PreparedLabels, sample: EmitSample) => void;
}

const needsEscape = /[\\\n"]/;

export function escapeLabelValue(value: string): string {
  if (!needsEscape.test(value)) return value;
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

/** `name="value"`, escaped. */
export function label(name: string, value: string | null): string {
  return `${name}="${escapeLabelValue(value ?? '')}"`;
}

export function prepareLabels(host: ExposedHost, shownName: string): PreparedLabels {
  const hostText = label('host', shownName);
  const gpus = host.gpus.map(
    (gpu) =>
      // A GPU that fell off the bus may have lost its uuid; its bus id keeps two of them apart.
      `${hostText},gpu="${gpu.index ?? ''}",${label('uuid', gpu.uuid ?? gpu.pciBusId)}`,
  );
  return { host: hostText, gpus, areGpusDistinct: new Set(gpus).size === gpus.length };
}

export const areSameLabels = (a: PreparedLabels, b: PreparedLabels): boolean =>
  a.host === b.host && a.gpus.length === b.gpus.length && a.gpus.every((gpu, i) => gpu === b.gpus[i]);

/** False from three intervals without a report on, and for a host that never reported. */
export const isReporting = (host: Pick<ExposedHost, 'lastReportAt' | 'state'>): boolean =>
  host.lastReportAt !== null && host.state !== 'gone';

/** Whether a family says anything of a host now. */
export function isTold({ told }: Pick<Family, 'told'>, host: ExposedHost): boolean {
  if (told === 'always') return true;
  return told === 'while-reporting' ? isReporting(host) : host.current;
}
