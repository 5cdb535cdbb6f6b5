import type {
  AgentStatus,
  AlertFacts,
  AlertSeverity,
  DriftFinding,
  Fault,
  HostLabel,
  HostState,
  JudgedContainer,
  Report,
  StackIssue,
} from '../../model/index.ts';

/**
 * What the rules need of a host. Times are milliseconds of the hub's clock. The same object for as long as nothing of
 * it changes: what was found of it is kept by it.
 */
export interface HostReading {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  readonly labels: readonly Pick<HostLabel, 'key' | 'value'>[];
  readonly state: HostState;
  /** One sentence in words. */
  readonly stateReason: string;
  readonly stateSinceMillis: number;
  /** Null when it never reported. */
  readonly receivedAtMillis: number | null;
  readonly inMaintenance: boolean;
  /** Whether the report's numbers may be taken for those of now. */
  readonly current: boolean;
  /** The newest; null when it never reported. */
  readonly report: Report | null;
  readonly agentVersion: AgentStatus['version'] | null;
  /** What the report says is wrong, times by the hub's clock. */
  readonly faults: readonly Fault[];
  /** The most GPUs that it had within a week, as far as the hub knows. */
  readonly gpusBefore: number;
}

/** How notices go to one channel. */
export interface ChannelReading {
  readonly id: string;
  readonly name: string;
  /** Since when nothing arrives there, hub clock; null while it does, or nothing was sent. */
  readonly failingSinceMillis: number | null;
  readonly lastError: string | null;
}

/** A host that the hub reads over SSH. */
export interface SshReading {
  readonly id: string;
  /** Its hostname, else its address. */
  readonly name: string;
  /** In the fleet; null until it was read once. */
  readonly hostId: string | null;
  /** The hub reads it, or tries to; false while an agent of it reports. */
  readonly isRead: boolean;
  /** What is wrong with the key that it shows; null where nothing is, or nobody has accepted one yet. */
  readonly keyTrouble: 'changed' | 'revoked' | null;
  /** Since when, hub clock. */
  readonly sinceMillis: number;
  /** `SHA256:…` of the key that it shows; null where it is not known. */
  readonly fingerprint: string | null;
}

/** The live fleet at one moment. A late report never moves it, so a late report never fires. */
export interface FleetReading {
  readonly hosts: ReadonlyMap<string, HostReading>;
  readonly drift: readonly DriftFinding[];
  /** Containers that cannot use CUDA, or only by minor-version compatibility. */
  readonly compat: readonly JudgedContainer[];
  /** What is wrong with the software of hosts. */
  readonly issues: readonly StackIssue[];
  /** Since when the hub has listened without a gap. */
  readonly listeningFromMillis: number;
  readonly channels: readonly ChannelReading[];
  readonly ssh: readonly SshReading[];
  /** The hub's own version: agents of another are told. */
  readonly hubVersion: string;
}

export interface AlertTimes {
  /** How long a host is gone before it alerts; losses within it are counted together. */
  readonly hostGoneSeconds: number;
  readonly driftSeconds: number;
  /** How long an alert must not hold before it is resolved. */
  readonly clearSeconds: number;
  /** After its start the hub waits this long for hosts to come back: an agent's longest wait between two attempts. */
  readonly returnSeconds: number;
}

/**
 * What a rule says of one subject. `unknown`: it can neither be seen nor denied now, so nothing moves. `ended`: over
 * at once. A subject that is not named does not hold.
 */
export type Condition =
  | { readonly subject: string; readonly verdict: 'holds'; readonly facts: AlertFacts }
  | { readonly subject: string; readonly verdict: 'unknown' }
  | { readonly subject: string; readonly verdict: 'ended'; readonly reason: string };

/** An alert that is pending or firing. */
export interface Tracked {
  readonly id: string;
  readonly rule: string;
  /** What of the rule it is about, such as a host's id. */
  readonly subject: string;
  readonly phase: 'pending' | 'firing';
  readonly facts: AlertFacts;
  /** For how long it was seen to hold, and for how long, while firing, not to. */
  readonly heldMillis: number;
  readonly clearMillis: number;
  readonly firedAtMillis: number | null;
}

export interface RuleContext {
  readonly reading: FleetReading;
  readonly nowMillis: number;
  readonly times: AlertTimes;
  /** Pending and firing alerts of a rule by subject: of this moment for rules before this one in the list. */
  readonly tracked: (rule: string) => ReadonlyMap<string, Tracked>;
}

export interface Rule {
  readonly name: string;
  readonly severity: AlertSeverity;
  /** One sentence for a person: what it watches. */
  readonly watches: string;
  /** How long a condition holds before it fires. */
  readonly afterSeconds: (times: AlertTimes) => number;
  /** How long it must not hold before it is resolved; left out: as the hub's settings say for all. */
  readonly clearSeconds?: number;
  /** Why an alert is over that no longer holds. */
  readonly cleared: string;
  /** What its alerts are about needs a host that answers: kept quiet while another rule says that it does not. */
  readonly needsHost?: boolean;
  readonly evaluate: (context: RuleContext) => readonly Condition[];
}
