import type { AlertScope } from './alert-rules.ts';
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
  /** What it is about beside its hosts, such as `gpu`, `uuid`, `xid`; left out of older alerts and where there is nothing. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface Acknowledgement {
  readonly by: string;
  readonly at: string;
  readonly note: string | null;
}

/**
 * What keeps an alert quiet: nobody is told while it lasts, and what still holds when it ends is told then. `inhibited`:
 * another alert says it already; `out-of-service`: the scheduler took its hosts out.
 */
export const quietKinds = ['silence', 'maintenance', 'inhibited', 'out-of-service'] as const;
export interface AlertQuiet {
  readonly kind: (typeof quietKinds)[number];
  /** Null where no person's silence does it. */
  readonly silenceId: string | null;
  /** Null: for as long as its reason lasts. */
  readonly until: string | null;
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
  /** `key=value` or `key!=value` of the alert's own labels (`gpu`, `uuid`, `xid` …), `severity` or `cause`; `*` and `?` match. All must be so. */
  readonly matchers: readonly string[];
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
  readonly isOn: boolean;
  /** From the fleet file, `own:…`. */
  readonly isOwn: boolean;
  /** Whether the fleet file says something of it. */
  readonly isChanged: boolean;
  /** A number that decides; null where there is none. */
  readonly threshold: { readonly value: number; readonly unit: string; readonly says: string } | null;
  /** Null: all hosts and GPUs. */
  readonly scope: AlertScope | null;
}

/** What one rule would fire. */
export interface RulePreview {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly watches: string;
  readonly afterSeconds: number;
  /** The first of what holds now, whatever the wait. */
  readonly now: readonly { readonly hostId: string; readonly what: string; readonly href: string }[];
  readonly nowTotal: number;
  /** False for rules about the whole fleet, which need what was before. */
  readonly isNowKnown: boolean;
  readonly lastDay: {
    /** False: no history is kept of its field. */
    readonly isKept: boolean;
    /** One sentence: from what it was judged. */
    readonly note: string;
    /** The youngest first; `to` null: it still fires. */
    readonly episodes: readonly {
      readonly what: string;
      readonly from: string;
      readonly to: string | null;
    }[];
    readonly total: number;
  };
}

export interface RulesPreview {
  /** What is wrong with the text, a line each; then there are no rules. */
  readonly faults: readonly string[];
  /** The first of them; more are not looked at in one go. */
  readonly rules: readonly RulePreview[];
  readonly rulesLeftOut: number;
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

export const channelKinds = [
  'webhook',
  'slack',
  'mail',
  'pagerduty',
  'ntfy',
  'alertmanager',
  'heartbeat',
] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** What some kinds need beside an address and a secret; null and empty where nothing was said. */
export interface ChannelOptions {
  /** Mail: to whom. */
  readonly to: readonly string[];
  /** Mail: from whom. */
  readonly from: string | null;
  /** Mail: the user whose password the secret is. */
  readonly user: string | null;
  /** The least that it is told of: `critical` keeps warnings away from a pager. */
  readonly severity: AlertSeverity;
  /** Templates in place of the usual words: of one line, and of each alert. */
  readonly title: string | null;
  readonly line: string | null;
}

export const noChannelOptions: ChannelOptions = {
  to: [],
  from: null,
  user: null,
  severity: 'warning',
  title: null,
  line: null,
};

/** Whether a channel is told of alerts of a severity. */
export const isToldOf = (options: Pick<ChannelOptions, 'severity'>, severity: AlertSeverity): boolean =>
  options.severity === 'warning' || severity === 'critical';

/** How it goes to a channel. */
export interface ChannelHealth {
  /** `unused`: nothing was sent there yet. */
  readonly state: 'ok' | 'failing' | 'unused';
  /** Since when nothing arrives; null while it does. */
  readonly failingSince: string | null;
  readonly lastSuccessAt: string | null;
  /** What went wrong last; null while nothing does. */
  readonly lastError: string | null;
}

/** Where notices go. A secret is never in it. */
export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  /** Without its query and, where that is a secret, its path. */
  readonly address: string;
  /** Whether it has a secret: to sign, or to prove who sends. */
  readonly signed: boolean;
  readonly options: ChannelOptions;
  readonly health: ChannelHealth;
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
