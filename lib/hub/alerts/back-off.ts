import type { DeliveryRecord } from '../../state/state-store.ts';

const firstSeconds = 1;
const longestSeconds = 600;
/** A receiver that says no may be mended meanwhile, so it is asked again some times. */
export const mostRefusals = 5;
const firstRefusalSeconds = 120;
const longestRefusalSeconds = 1800;
/** What is over and could not be delivered for so long tells nobody anything any more. */
export const longestTrySeconds = 86_400;
/** A hub that was off for a day, or whose clock was set, has hardly tried. */
const leastAttempts = 5;
/** Nothing waits longer than this, so what waits for later than that was queued under another clock. */
export const longestWaitSeconds = 7200;

/** Seconds until the next attempt: doubled each time, with up to a fifth more so that not all come at once. */
export const backOffSeconds = (attempts: number, random = Math.random()): number =>
  Math.min(longestSeconds, firstSeconds * 2 ** Math.min(attempts - 1, 20)) * (1 + random / 5);

/** Seconds after a refusal: 2, 4, 8, 16 and then 30 min, so that a receiver that is being restarted or given a new key is back. */
export const refusalWaitSeconds = (refusals: number): number =>
  Math.min(longestRefusalSeconds, firstRefusalSeconds * 2 ** Math.min(20, Math.max(0, refusals - 1)));

/**
 * Why a delivery is not tried again; null while it is. What still fires is never given up: an alert is told once to each
 * channel, so nobody would hear of it there when the receiver is back.
 */
export function givenUp(delivery: DeliveryRecord, nowMillis: number, isOver: boolean): string | null {
  if (!isOver) return null;
  if (delivery.refusals >= mostRefusals) return `given up after ${delivery.refusals} refusals`;
  const tried = (nowMillis - Date.parse(delivery.createdAt)) / 1000;
  return tried >= longestTrySeconds && delivery.attempts >= leastAttempts
    ? `given up after ${delivery.attempts} attempts in a day`
    : null;
}
