import type { AttentionItem } from './fleet.ts';

export type AlertSeverity = AttentionItem['severity'];

/** `pending` holds, but not yet for long enough to tell anyone. */
export type AlertPhase = 'pending' | 'firing' | 'resolved';
export const alertPhases: readonly AlertPhase[] = ['pending', 'firing', 'resolved'];

export interface AlertHost {
  readonly id: string;
  readonly hostname: string;
}

/** What an alert says, the same on the page, in the API and in a notice. */
export interface AlertFacts {
  readonly severity: AlertSeverity;
  /** Alerts with the same cause stand together, on the page and in one notice. */
  readonly cause: string;
  /** One sentence: what, and where. */
  readonly what: string;
  readonly hosts: readonly AlertHost[];
  /** Since when what it says is true, hub clock, ISO 8601. */
  readonly since: string;
  readonly whyItMatters: string;
  readonly whatToDo: string;
  /** Path of the page that shows it. */
  readonly href: string;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: string;
  readonly note: string | null;
}

/** What keeps an alert quiet: nobody is told while it lasts, and what still holds when it ends is told then. */
export interface AlertQuiet {
  readonly kind: SilenceKind;
  readonly silenceId: string;
  readonly until: string;
  readonly reason: string | null;
}

/** Times are of the hub's clock, ISO 8601. */
export interface Alert extends AlertFacts {
  readonly id: string;
  /** Name of the rule, as in `gpufleet_alerts{alert}`. */
  readonly rule: string;
  readonly phase: AlertPhase;
  /** Null while pending. */
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
  /** Why it is over; null while it is not. */
  readonly resolution: string | null;
  readonly acknowledged: Acknowledgement | null;
  readonly quiet: AlertQuiet | null;
}

export type SilenceKind = 'silence' | 'maintenance';

/** Keeps alerts quiet for a time. Maintenance is of whole hosts, and is shown on them. */
export interface Silence {
  readonly id: string;
  readonly kind: SilenceKind;
  /** Any of these: a hostname (`*` and `?` match), an id, `group=…`, or a label `key=value`. */
  readonly hosts: readonly string[];
  /** Null: every rule. */
  readonly rule: string | null;
  readonly reason: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startsAt: string;
  readonly endsAt: string;
  /** When a person ended it early; null when nobody did. */
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}

export interface SilenceView extends Silence {
  readonly state: 'planned' | 'active' | 'over';
  /** Hosts that it matches now. */
  readonly matches: readonly AlertHost[];
}

/** What a rule watches, for the page of alerts when there is none. */
export interface AlertRuleView {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly watches: string;
  /** How long it must hold before it fires. */
  readonly afterSeconds: number;
}

export type DeliveryState = 'waiting' | 'delivered' | 'given-up';

/** One notice to one channel. */
export interface Delivery {
  /** The same at each attempt, so that a receiver can tell a repeated one. */
  readonly id: string;
  readonly channelId: string;
  readonly channelName: string;
  readonly event: 'firing' | 'resolved';
  readonly alertIds: readonly string[];
  readonly createdAt: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Null once it is over. */
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
  /** What went wrong last; null when nothing did. */
  readonly lastError: string | null;
}

/** Where notices go. A secret is never in it. */
export interface Channel {
  readonly id: string;
  readonly kind: 'webhook';
  readonly name: string;
  /** Without its query, which often is a secret. */
  readonly address: string;
  readonly signed: boolean;
  /** `settings`: from the hub's own settings, and removed there. */
  readonly source: 'hub' | 'settings';
  readonly createdAt: string;
  readonly createdBy: string;
  readonly waiting: number;
  readonly last: Delivery | null;
}

export interface ChannelTest {
  readonly delivered: boolean;
  /** One sentence: what came back, or why nothing did. */
  readonly detail: string;
  readonly durationSeconds: number;
}

/** An alert with what was done about it. */
export interface AlertDetail extends Alert {
  readonly deliveries: readonly Delivery[];
}

/** How many alerts fire and are not quiet; `revision` counts up whenever anything about alerts changed. */
export interface AlertTally {
  readonly firing: number;
  readonly critical: number;
  readonly revision: number;
}

/** While it lasts, a host needs nobody. */
export interface HostMaintenance {
  readonly until: string;
  readonly reason: string | null;
}
