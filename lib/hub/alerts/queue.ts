import { randomUUID } from 'node:crypto';
import type { AlertRecord, DeliveryRecord, StateStore } from '../../state/state-store.ts';

/** Notices that wait for one channel; past it the oldest are given up. */
export const mostWaiting = 500;

export interface Telling {
  readonly channelId: string;
  readonly event: DeliveryRecord['event'];
  readonly alert: AlertRecord;
}

const isOpenFor = (delivery: DeliveryRecord, telling: Telling): boolean =>
  delivery.attempts === 0 &&
  delivery.event === telling.event &&
  delivery.cause === telling.alert.facts.cause &&
  delivery.channelId === telling.channelId;

/**
 * Whether an alert is told no later and in no other order within the delivery at `at` than by itself: not where that one
 * waits for an older one that is tried again and again, nor where a younger one still tells of this alert.
 */
function mayJoin(waiting: readonly DeliveryRecord[], at: number, alertId: string): boolean {
  const tells = ({ alertIds }: DeliveryRecord): boolean => alertIds.includes(alertId);
  const joined = new Set(waiting[at]?.alertIds);
  const isHeldBack = waiting
    .slice(0, at)
    .some((older) => older.attempts > 0 && older.alertIds.some((id) => joined.has(id)) && !tells(older));
  return !isHeldBack && !waiting.slice(at + 1).some(tells);
}

function newDelivery(
  { channelId, event, alert }: Telling,
  nowMillis: number,
  waitSeconds: number,
): DeliveryRecord {
  return {
    id: `ntc_${randomUUID()}`,
    channelId,
    event,
    cause: alert.facts.cause,
    alertIds: [alert.id],
    createdAt: new Date(nowMillis).toISOString(),
    state: 'waiting',
    body: null,
    attempts: 0,
    refusals: 0,
    nextAttemptAt: new Date(nowMillis + waitSeconds * 1000).toISOString(),
    finishedAt: null,
    lastError: null,
  };
}

/** Makes room: what waits longest and is not under way is told to nobody. */
function withinBounds(waiting: readonly DeliveryRecord[], finishedAt: string): DeliveryRecord[] {
  const idle = waiting.filter(({ attempts }) => attempts === 0);
  return idle.slice(0, Math.max(0, waiting.length - mostWaiting)).map((delivery) => ({
    ...delivery,
    state: 'given-up',
    nextAttemptAt: null,
    finishedAt,
    lastError: `given up: ${mostWaiting} notices wait for this channel`,
  }));
}

/**
 * The deliveries to write so that each channel is told: joined to one that waits for the same cause and has not begun,
 * else new ones that wait a little for others of their cause.
 */
export async function queueNotices(
  state: Pick<StateStore, 'waitingDeliveries'>,
  tellings: readonly Telling[],
  { nowMillis, waitSeconds }: { readonly nowMillis: number; readonly waitSeconds: number },
): Promise<readonly DeliveryRecord[]> {
  const queued = new Map<string, DeliveryRecord>();
  for (const [channelId, own] of Map.groupBy(tellings, (telling) => telling.channelId)) {
    const waiting = new Map((await state.waitingDeliveries(channelId)).map((each) => [each.id, each]));
    for (const telling of own) {
      const found = [...waiting.values()].find(
        (delivery, at, all) => isOpenFor(delivery, telling) && mayJoin(all, at, telling.alert.id),
      );
      const joined =
        found === undefined
          ? newDelivery(telling, nowMillis, waitSeconds)
          : { ...found, alertIds: [...new Set([...found.alertIds, telling.alert.id])] };
      waiting.set(joined.id, joined);
      queued.set(joined.id, joined);
    }
    for (const dropped of withinBounds([...waiting.values()], new Date(nowMillis).toISOString()))
      queued.set(dropped.id, dropped);
  }
  return [...queued.values()];
}
