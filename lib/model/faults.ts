/** One Xid of one GPU since the host booted, however often it came. */
export interface XidCount {
  readonly xid: number;
  /** As nvidia-smi prints it: `00000000:3B:00.0`. */
  readonly pciBusId: string;
  /** Null when no GPU at this address is known. */
  readonly gpuUuid: string | null;
  readonly count: number;
  /** Host clock, ISO 8601; null where the log tells no time. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Of the last one: what the driver said after the number. */
  readonly lastText: string;
  /** Of the last one: the process that it was told for; null when none was. */
  readonly lastPid: number | null;
  readonly lastProcessName: string | null;
}

/** What else the kernel's log tells of a GPU or an NVSwitch, counted in the same way. */
export interface KernelTrouble {
  readonly kind: 'gpu-lost' | 'gpu-init-failed' | 'switch-error';
  readonly pciBusId: string;
  readonly gpuUuid: string | null;
  readonly count: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly lastText: string;
}

/** How long a reason has held a GPU's clocks down since the agent started; gaps between samples are left out. */
export interface ThrottleTime {
  readonly gpuUuid: string;
  /** In nvidia-smi's own words: `hw_thermal_slowdown`. */
  readonly reason: string;
  readonly seconds: number;
}

/** Since when the agent sees one of the faults that a GPU's readings tell. */
export interface FaultStart {
  readonly gpuUuid: string;
  /** As in Fault.key. */
  readonly key: string;
  /** Host clock, ISO 8601. */
  readonly at: string;
}

/** The part of a report that counts what went wrong. */
export interface ReportedFaults {
  readonly xids: readonly XidCount[];
  readonly troubles: readonly KernelTrouble[];
  readonly throttles: readonly ThrottleTime[];
  readonly starts: readonly FaultStart[];
}

/** `critical`: work on this GPU fails or gives wrong results. `warning`: look at it soon. `info`: good to know. */
export type FaultSeverity = 'critical' | 'warning' | 'info';

/** One thing that is wrong with a GPU, in words, with what to do. */
export interface Fault {
  /** `xid`, `gpu-lost`, `ecc-uncorrectable`, `throttle` …; more may come. */
  readonly kind: string;
  /** Names it among the faults of its GPU: `xid:79`, `throttle:hw_thermal_slowdown`. */
  readonly key: string;
  readonly severity: FaultSeverity;
  /** The GPU's uuid in the host's list; null when no GPU of the list is meant. */
  readonly gpuUuid: string | null;
  readonly gpuIndex: number | null;
  readonly pciBusId: string | null;
  readonly xid: number | null;
  /** `Xid 79: GPU has fallen off the bus` */
  readonly title: string;
  /** What was printed or measured; null when the title says it all. */
  readonly detail: string | null;
  readonly advice: string;
  /** Address of the page that says so; null when it is our own word. */
  readonly source: string | null;
  /** How often; null for what is a state. */
  readonly count: number | null;
  /** ISO 8601, hub clock; null where nobody knows. */
  readonly since: string | null;
  readonly lastAt: string | null;
}

/** What an error of the past says of now fades: after so long it is among the faults of its host only. */
const freshMillis: Readonly<Record<FaultSeverity, number>> = {
  critical: 24 * 3600 * 1000,
  warning: 3600 * 1000,
  info: 0,
};

/** Whether a fault still says something of now, hub's clock; what is a state always does, and a note never. */
export function isFreshFault(
  { severity, lastAt }: Pick<Fault, 'severity' | 'lastAt'>,
  nowMillis: number,
): boolean {
  if (severity === 'info') return false;
  return lastAt === null || Date.parse(lastAt) >= nowMillis - freshMillis[severity];
}
