import { type Notice, notifiers, type Sent } from '../../alerts/channels/index.ts';
import type { ChannelRecord, DeliveryRecord, StateStore } from '../../state/state-store.ts';
import { backOffSeconds, givenUp, longestWaitSeconds, refusalWaitSeconds } from './back-off.ts';
import type { ChannelHealthBook } from './channel-health.ts';
import { asAlert } from './records.ts';
import { sendTo } from './send-to.ts';

/** Channels that are sent to at the same time. */
const mostAtOnce = 8;
/** Of a channel whose receiver asked for time; the notice that it was asked for waits as long as it said. */
const longestRestSeconds = 600;

export interface CourierPort {
  readonly state: StateStore;
  readonly now: () => number;
  /** The hub's address for links. */
  readonly hub: () => Notice['hub'];
  readonly log: (line: string) => void;
  readonly note: (outcome: 'delivered' | 'retried' | 'given-up') => void;
  readonly health: Pick<ChannelHealthBook, 'note'>;
}

export interface Courier {
  /** Begins what is due. Resolves when it has begun; what was sent is marked later. */
  run(): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Ends what is under way; it stays in the queue. */
  close(): Promise<void>;
}

const isoOf = (millis: number): string => new Date(millis).toISOString();

/** What is known of a delivery after an attempt. `isOver`: nothing that it tells of fires any more. */
export function afterAttempt(
  delivery: DeliveryRecord,
  sent: Sent,
  nowMillis: number,
  { isOver }: { readonly isOver: boolean } = { isOver: true },
): DeliveryRecord {
  const finished = { nextAttemptAt: null, finishedAt: isoOf(nowMillis) };
  if (sent.outcome === 'delivered') return { ...delivery, ...finished, state: 'delivered', lastError: null };
  const refusals = delivery.refusals + (sent.outcome === 'refused' ? 1 : 0);
  const tried = { ...delivery, refusals, lastError: sent.detail };
  const reason = givenUp(tried, nowMillis, isOver);
  if (reason !== null)
    return { ...tried, ...finished, state: 'given-up', lastError: `${sent.detail}; ${reason}` };
  const asked = sent.outcome === 'retry' ? (sent.afterSeconds ?? 0) : refusalWaitSeconds(refusals);
  const waitSeconds = Math.max(asked, backOffSeconds(delivery.attempts));
  return { ...tried, nextAttemptAt: isoOf(nowMillis + waitSeconds * 1000) };
}

class HubCourier implements Courier {
  readonly #port: CourierPort;
  readonly #underWay = new Map<string, Promise<void>>();
  /** When each channel was last sent to: those that never answer must not keep others waiting. */
  readonly #turns = new Map<string, number>();
  /** Channels whose receiver asked for time, which goes for all notices. */
  readonly #restingUntil = new Map<string, number>();
  readonly #stopped = new AbortController();

  constructor(port: CourierPort) {
    this.#port = port;
  }

  async run(): Promise<void> {
    const now = this.#port.now();
    const due = await this.#port.state.firstDueDeliveries(isoOf(now), isoOf(now + longestWaitSeconds * 1000));
    const lastTurn = ({ channelId }: DeliveryRecord) => this.#turns.get(channelId) ?? 0;
    for (const delivery of [...due].sort((a, b) => lastTurn(a) - lastTurn(b))) {
      if (this.#stopped.signal.aborted || this.#underWay.size >= mostAtOnce) return;
      const restMillis = (this.#restingUntil.get(delivery.channelId) ?? 0) - now;
      // Longer than anyone may rest: the clock was set back.
      const isResting = restMillis > 0 && restMillis <= longestRestSeconds * 1000;
      if (isResting || this.#underWay.has(delivery.channelId)) continue;
      const channel = await this.#port.state.getChannel(delivery.channelId);
      if (channel !== null) await this.#begin(channel, delivery, now);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  /** What is about to be sent is on disk first: after a crash it goes out again under the same id, word for word. */
  async #begin(channel: ChannelRecord, delivery: DeliveryRecord, now: number): Promise<void> {
    const body = delivery.body ?? (await this.#compose(channel, delivery));
    const attempts = delivery.attempts + 1;
    const nextAttemptAt = isoOf(now + backOffSeconds(attempts) * 1000);
    const begun: DeliveryRecord = { ...delivery, body, attempts, nextAttemptAt };
    await this.#port.state.putDelivery(begun);
    this.#turns.set(channel.id, now);
    const sending = this.#send(channel, begun, body)
      .catch((error: unknown) => this.#port.log(`channel ${channel.name}: ${String(error)}`))
      .finally(() => this.#underWay.delete(channel.id));
    this.#underWay.set(channel.id, sending);
  }

  async #compose(channel: ChannelRecord, delivery: DeliveryRecord): Promise<string> {
    const records = await Promise.all(delivery.alertIds.map((id) => this.#port.state.getAlert(id)));
    const notice: Notice = {
      id: delivery.id,
      event: delivery.event,
      cause: delivery.cause,
      createdAt: delivery.createdAt,
      hub: this.#port.hub(),
      alerts: records.filter((record) => record !== null).map((record) => asAlert(record, null)),
      begun: delivery.event === 'resolved' ? await this.#begun(delivery) : [],
    };
    return notifiers[channel.kind].compose(notice, channel.options);
  }

  /** The notices of this channel that told of the beginning of what is over now. */
  async #begun({ channelId, alertIds }: DeliveryRecord): Promise<Notice['begun']> {
    const { state } = this.#port;
    const told = (await state.begunDeliveries(channelId)).filter((begun) =>
      begun.alertIds.some((id) => alertIds.includes(id)),
    );
    const open = new Set((await state.listOpenAlerts()).map(({ id }) => id));
    return told.map((begun) => ({ id: begun.id, isOver: !begun.alertIds.some((id) => open.has(id)) }));
  }

  async #isOver({ event, alertIds }: DeliveryRecord): Promise<boolean> {
    if (event === 'resolved' || alertIds.length === 0) return true;
    const open = await this.#port.state.listOpenAlerts();
    return !open.some(({ id }) => alertIds.includes(id));
  }

  async #send(channel: ChannelRecord, delivery: DeliveryRecord, body: string): Promise<void> {
    const { state, now, log, note } = this.#port;
    const message = { id: delivery.id, body, sentAtSeconds: now() / 1000 };
    const sent = await sendTo(channel, message, this.#stopped.signal);
    // Ended by the hub itself: whether it arrived is not known, so it stays in the queue.
    if (this.#stopped.signal.aborted && sent.outcome !== 'delivered') return;
    if (sent.outcome === 'retry' && sent.afterSeconds !== null)
      this.#restingUntil.set(channel.id, now() + Math.min(sent.afterSeconds, longestRestSeconds) * 1000);
    const isOver = sent.outcome === 'delivered' || (await this.#isOver(delivery));
    const after = afterAttempt(delivery, sent, now(), { isOver });
    if (after.state === 'given-up' || delivery.attempts === 1)
      if (sent.outcome !== 'delivered') log(`channel ${channel.name}: ${after.lastError}`);
    await state.putDelivery(after);
    const error = sent.outcome === 'delivered' ? null : sent.detail;
    this.#port.health.note(channel.id, { error, atMillis: now() });
    note(after.state === 'waiting' ? 'retried' : after.state);
  }
}

export const createCourier = (port: CourierPort): Courier => new HubCourier(port);
