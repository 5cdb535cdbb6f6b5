import type { AlertTimes, FleetReading, RuleSet, SshReading } from '../../alerts/rules/index.ts';
import type { Fleet } from '../../fleet/index.ts';
import type {
  Acknowledgement,
  Alert,
  AlertTally,
  DriftFinding,
  JudgedContainer,
  StackIssue,
} from '../../model/index.ts';
import type { AlertRecord, StateStore } from '../../state/state-store.ts';
import type { ChannelHealthBook } from './channel-health.ts';
import type { Courier } from './courier.ts';
import type { StandingTeller } from './standing-teller.ts';

/** What alerting needs of the hub. */
export interface AlertingPort {
  readonly state: StateStore;
  readonly fleet: Fleet;
  readonly drift: () => readonly DriftFinding[];
  readonly issues: () => readonly StackIssue[];
  readonly compat: () => readonly JudgedContainer[];
  readonly ssh: () => readonly SshReading[];
  /** The rules as the fleet file wants them; another object after it changed. */
  readonly ruleSet: () => RuleSet;
  readonly health: ChannelHealthBook;
  readonly teller: StandingTeller;
  readonly hubVersion: string;
  readonly now: () => number;
  readonly times: AlertTimes;
  /** How long a notice waits for others of its cause. */
  readonly groupWaitSeconds: number;
  readonly retentionSeconds: number;
  readonly courier: Courier;
  readonly log: (line: string) => void;
}

export interface AlertCount {
  readonly rule: string;
  readonly severity: Alert['severity'];
  readonly firing: number;
  /** The hosts that they are of, each once. */
  readonly hostIds: readonly string[];
}

/** Runs the rules over the live fleet, keeps what fires, and sees to it that channels are told. */
export interface Alerting {
  /** Goes on from what is kept. Rejects with StoreError. */
  load(): Promise<void>;
  /** One evaluation; call it each second. Never rejects; calls while one is under way do nothing. */
  tick(): Promise<void>;
  /** Pending and firing, the youngest first. */
  open(): readonly Alert[];
  /** The live fleet as the rules see it now. */
  reading(): FleetReading;
  /** Firing and not quiet, by rule; a rule without one has 0. */
  counts(): readonly AlertCount[];
  tally(): AlertTally;
  /** With what keeps it quiet now. */
  shown(record: AlertRecord): Alert;
  /** Null when it is not open. */
  acknowledge(id: string, acknowledged: Acknowledgement | null): Promise<Alert | null>;
  /** Reads silences anew and looks at everything again, so that a change shows at once. */
  refresh(): Promise<void>;
  onChange(listener: () => void): void;
  /** A notice was delivered or failed, or rules changed: whoever shows them looks again. */
  noteDelivery(): void;
  close(): Promise<void>;
}
