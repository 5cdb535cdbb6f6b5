import type {
  AgentStatus,
  AttentionItem,
  ContainerView,
  Fault,
  FleetTotals,
  GpuDetail,
  HostAskedPause,
  HostDetail,
  HostLabel,
  HostMaintenance,
  HostRaw,
  HostSoftware,
  HostState,
  HostSummary,
  OwnerRow,
  RawReading,
  Report,
  ReportingHost,
} from '../model/index.ts';
import type { LiveHost } from './live-host.ts';
import type { ClockOffset } from './report-time.ts';

/** A host known to the hub without a live report. Times are milliseconds of the hub's clock. */
export interface KnownHost {
  readonly id: string;
  readonly hostname: string;
  readonly agentLabels: Readonly<Record<string, string>>;
  readonly hubLabels: Readonly<Record<string, string>>;
  readonly enrolledAtMillis: number;
  /** What it last said before the hub started. */
  readonly last: {
    readonly report: Report;
    readonly agent: AgentStatus;
    readonly software?: HostSoftware | null;
    readonly agentLabelSources: LiveHost['agentLabelSources'];
    readonly receivedAtMillis: number;
    readonly takenAtMillis: number;
    /** It was gone when the hub stopped, so it stays gone until it reports. */
    readonly gone: boolean;
  } | null;
}

export interface Arrival {
  readonly host: ReportingHost;
  readonly agent: AgentStatus;
  readonly report: Report;
  /** Of this very report; null when it came without. */
  readonly raw?: RawReading | null;
  /** What came beside the report; left out or null: what was told before still holds. */
  readonly software?: HostSoftware | null;
  readonly receivedAtMillis: number;
  /** By the hub's clock. */
  readonly takenAtMillis: number;
  readonly clock: ClockOffset;
}

export interface LastReport extends Pick<LiveHost, 'hostname' | 'agentLabels' | 'agentLabelSources'> {
  readonly report: Report;
  readonly agent: AgentStatus;
  readonly software: HostSoftware | null;
  readonly receivedAtMillis: number;
  readonly takenAtMillis: number;
  readonly gone: boolean;
}

/** What of a host the fleet file looks at. */
export interface FileLabelSubject {
  readonly id: string;
  readonly hostname: string;
  /** Those of all other sources, the strongest of each key. */
  readonly labels: Readonly<Record<string, string>>;
  readonly gpuModels: readonly string[];
}

/** What the hub's fleet file says of a host. */
export type FileLabelsOf = (host: FileLabelSubject) => Readonly<Record<string, string>>;

/**
 * How a host stands now. Times are milliseconds of the hub's clock. The same object until anything of it changes, so
 * that whoever judges it may keep what it found.
 */
export interface HostStanding {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  readonly labels: readonly HostLabel[];
  readonly state: HostState;
  readonly stateReason: string;
  readonly stateSinceMillis: number;
  readonly receivedAtMillis: number | null;
  readonly inMaintenance: boolean;
  /** Whether the report's numbers may be taken for those of now. */
  readonly current: boolean;
  readonly report: Report | null;
  readonly agentVersion: string | null;
  /** What the report says is wrong, times by the hub's clock. */
  readonly faults: readonly Fault[];
  /** The most GPUs that it had within a week, as far as the hub knows. */
  readonly gpusBefore: number;
}

/** The live fleet in memory. The caller gives the time; nothing here has a clock. */
export interface Fleet {
  /** Adds a host that enrolled or that the state knows; keeps what is live. */
  know(host: KnownHost, nowMillis: number): void;
  /** `late`: something newer is already shown, so the live fleet did not move. */
  apply(arrival: Arrival): 'live' | 'late';
  /** Moves hosts to late and gone; call it each second. */
  tick(nowMillis: number): void;
  /** What the hub itself says of a host, as it is stored. */
  setHubLabels(hostId: string, labels: Readonly<Record<string, string>>, nowMillis: number): void;
  /** Null for a host that is not known. */
  labelSets(hostId: string): Pick<LiveHost, 'hubLabels' | 'fileLabels'> | null;
  /** Asks anew what the fleet file says of each host; call it after the file changed. */
  relabel(nowMillis: number): void;
  remove(hostId: string): void;
  /** Called with the host's id after it changed or left; no call for what stayed the same. */
  onChange(listener: (hostId: string) => void): () => void;
  /** The hosts that are in maintenance; those not named are in none. */
  setMaintenance(byHost: ReadonlyMap<string, HostMaintenance>): void;
  /** What people ask of a host; null: nothing any more. */
  setAskedPause(hostId: string, askedPause: HostAskedPause | null): void;
  /** What a host had at a time before the hub's start. */
  rememberGpus(hostId: string, count: number, atMillis: number): void;
  standings(): ReadonlyMap<string, HostStanding>;
  has(hostId: string): boolean;
  /** By hostname, then id. */
  summaries(): readonly HostSummary[];
  summary(hostId: string): HostSummary | null;
  detail(hostId: string, nowMillis: number): HostDetail | null;
  /** The texts behind the newest report; null for a host that is not there. */
  raw(hostId: string): HostRaw | null;
  /** Null before the first report since the hub's start. */
  clockOffset(hostId: string): ClockOffset | null;
  /** What came last, also before the hub's start; null for a host that never reported. */
  lastReport(hostId: string): LastReport | null;
  gpus(nowMillis: number): Iterable<GpuDetail>;
  /** Of two hosts that report the same uuid, the one that spoke last. */
  gpu(uuid: string, nowMillis: number): GpuDetail | null;
  containers(): Iterable<ContainerView>;
  /** That failed to start or ended badly within a minute, of the last day. */
  failedContainers(): Iterable<ContainerView>;
  /** Everyone who uses a GPU, of every kind, by hostname and name. */
  owners(): Iterable<OwnerRow>;
  totals(): FleetTotals;
  /** `goneToldOf`: hosts of which something else says already that they are gone. */
  attention(goneToldOf?: ReadonlySet<string>): readonly AttentionItem[];
}
