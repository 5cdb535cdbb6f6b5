import type { Acknowledgement, AlertFacts, AlertPhase, Channel, Delivery, Silence } from '../model/index.ts';

/** An alert as it is kept. Times are ISO 8601 of the hub's clock. */
export interface AlertRecord {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly phase: AlertPhase;
  readonly beganAt: string;
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
  /** For how long a pending one was seen to hold. */
  readonly heldMillis: number;
  readonly facts: AlertFacts;
  readonly acknowledged: Acknowledgement | null;
  /** Channels that were told, or have the notice in their queue. */
  readonly told: readonly string[];
}

export interface AlertQuery {
  readonly phases: readonly AlertPhase[];
  readonly rule?: string;
  readonly severity?: string;
  /** Id of a host that it names. */
  readonly hostId?: string;
  /** Words that must all be somewhere in what it says. */
  readonly words: readonly string[];
  /** Begun before this one: the last of the page before. */
  readonly before?: { readonly beganAt: string; readonly id: string };
  readonly limit: number;
}

export interface AlertPage {
  /** The youngest first. */
  readonly alerts: readonly AlertRecord[];
  readonly total: number;
}

export interface ChannelRecord
  extends Pick<Channel, 'id' | 'kind' | 'name' | 'options' | 'source' | 'createdAt' | 'createdBy'> {
  /** Of an Alertmanager: several, a blank between. */
  readonly url: string;
  /** Signs notices, or proves who sends; never shown. */
  readonly secret: string | null;
}

export interface DeliveryRecord extends Omit<Delivery, 'channelName'> {
  readonly cause: string;
  /** As it is sent, the same at each attempt; null before the first. */
  readonly body: string | null;
  /** Answers among the attempts that say no for good. */
  readonly refusals: number;
}

export interface AlertStore {
  /** All in one transaction: open and resolved alerts, pending ones that went, and notices for what changed. */
  changeAlerts(change: {
    readonly put: readonly AlertRecord[];
    readonly removed: readonly string[];
    readonly queued: readonly DeliveryRecord[];
  }): Promise<void>;
  /** Pending and firing. */
  listOpenAlerts(): Promise<readonly AlertRecord[]>;
  getAlert(id: string): Promise<AlertRecord | null>;
  listAlerts(query: AlertQuery): Promise<AlertPage>;

  putSilence(silence: Silence): Promise<void>;
  getSilence(id: string): Promise<Silence | null>;
  /** Those not over at `now`, planned ones too. */
  listOpenSilences(now: string): Promise<readonly Silence[]>;
  /** The youngest first. */
  listSilences(limit: number): Promise<readonly Silence[]>;

  listChannels(): Promise<readonly ChannelRecord[]>;
  getChannel(id: string): Promise<ChannelRecord | null>;
  /** Rejects with StoreError when another channel has the name. */
  putChannel(channel: ChannelRecord): Promise<void>;
  /** With its deliveries. */
  removeChannel(id: string): Promise<void>;

  putDelivery(delivery: DeliveryRecord): Promise<void>;
  /**
   * Of each channel the oldest that waits and is due at `now`, or only after `latest`, which no wait leads to. One that tells of an alert of which an older one still
   * tells is passed over, so that a channel never hears of an end before the beginning.
   */
  firstDueDeliveries(now: string, latest: string): Promise<readonly DeliveryRecord[]>;
  waitingDeliveries(channelId: string): Promise<readonly DeliveryRecord[]>;
  countWaitingDeliveries(): Promise<number>;
  /** Notices of a beginning that went to a channel, the youngest first, and the alerts that each told of. */
  begunDeliveries(
    channelId: string,
  ): Promise<readonly { readonly id: string; readonly alertIds: readonly string[] }[]>;
  /** Alerts that were over at a time or later. */
  listResolvedSince(since: string): Promise<readonly AlertRecord[]>;
  lastDelivery(channelId: string): Promise<DeliveryRecord | null>;
  deliveriesOfAlert(alertId: string): Promise<readonly DeliveryRecord[]>;
  /** Forgets resolved alerts, silences that are over and finished deliveries from before a time. */
  pruneAlerts(before: string): Promise<void>;
}
