import type { Alert, ChannelOptions } from '../../model/index.ts';

/** What a channel is told: alerts of one cause that fire, or that are over. */
export interface Notice {
  /** Stays the same at each attempt. */
  readonly id: string;
  readonly event: 'firing' | 'resolved' | 'test';
  readonly cause: string;
  readonly createdAt: string;
  readonly hub: { readonly url: string; readonly version: string };
  readonly alerts: readonly Alert[];
  /** Of an end: the notices of the same channel that told of the beginning, and whether all that each told of is over. */
  readonly begun: readonly { readonly id: string; readonly isOver: boolean }[];
}

export interface Target {
  /** Of an Alertmanager: several, a blank between. */
  readonly url: string;
  readonly secret: string | null;
  readonly options: ChannelOptions;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAtSeconds: number;
}

/**
 * `retry`: it may work later, not before `afterSeconds` where the receiver said so. `refused`: the receiver says no,
 * and would again.
 */
export type Sent =
  | { readonly outcome: 'delivered' | 'refused'; readonly detail: string }
  | { readonly outcome: 'retry'; readonly detail: string; readonly afterSeconds: number | null };

/** One kind of channel, a folder each. */
export interface Notifier {
  /**
   * `notice`: told once of each beginning and each end. `standing`: has no queue and is told again and again what fires
   * now. `heartbeat`: is told only that the hub lives.
   */
  readonly told: 'notice' | 'standing' | 'heartbeat';
  /** The text of a notice, made once and then sent as it is. */
  compose(notice: Notice, options: ChannelOptions): string;
  /** Never rejects. Ends by itself within its deadline, or when `signal` says so. */
  send(target: Target, message: Message, signal: AbortSignal): Promise<Sent>;
}
