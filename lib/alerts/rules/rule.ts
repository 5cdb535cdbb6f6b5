import type { AlertFacts, AlertSeverity, DriftFinding, HostState } from '../../model/index.ts';

/** What the rules need of a host. Times are milliseconds of the hub's clock. */
export interface HostReading {
  readonly id: string;
  readonly hostname: string;
  readonly state: HostState;
  readonly stateSinceMillis: number;
  /** Null when it never reported. */
  readonly receivedAtMillis: number | null;
  readonly inMaintenance: boolean;
}

/** The live fleet at one moment. A late report never moves it, so a late report never fires. */
export interface FleetReading {
  readonly hosts: ReadonlyMap<string, HostReading>;
  readonly drift: readonly DriftFinding[];
  /** Since when the hub has listened without a gap. */
  readonly listeningFromMillis: number;
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
  /** Why an alert is over that no longer holds. */
  readonly cleared: string;
  readonly evaluate: (context: RuleContext) => readonly Condition[];
}
