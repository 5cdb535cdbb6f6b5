import type { Alert } from '../../model/index.ts';

/** What a channel is told: alerts of one cause that fire, or that are over. */
export interface Notice {
  /** Stays the same at each attempt. */
  readonly id: string;
  readonly event: 'firing' | 'resolved' | 'test';
  readonly cause: string;
  readonly createdAt: string;
  readonly hub: { readonly url: string; readonly version: string };
  readonly alerts: readonly Alert[];
}

export interface Target {
  readonly url: string;
  readonly secret: string | null;
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
  /** The text of a notice, made once and then sent as it is. */
  compose(notice: Notice): string;
  /** Never rejects. Ends by itself within its deadline, or when `signal` says so. */
  send(target: Target, message: Message, signal: AbortSignal): Promise<Sent>;
}
