import { describe, expect, test } from 'vitest';
import type { AlertRecord, DeliveryRecord } from '../../state/state-store.ts';
import { backOffSeconds, longestTrySeconds, mostRefusals } from './back-off.ts';
import { afterAttempt } from './courier.ts';
import { mostWaiting, queueNotices } from './queue.ts';

const now = Date.parse('2026-11-24T12:00:00.000Z');
const iso = (millis: number) => new Date(millis).toISOString();

const delivery = (changes: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  id: 'd',
  channelId: 'c',
  event: 'firing',
  cause: 'Host gone',
  alertIds: ['a'],
  createdAt: iso(now),
  state: 'waiting',
  body: null,
  attempts: 1,
  refusals: 0,
  nextAttemptAt: iso(now),
  finishedAt: null,
  lastError: null,
  ...changes,
});

const alert = (id: string, cause = 'Host gone'): AlertRecord => ({
  id,
  rule: 'host-gone',
  subject: id,
  phase: 'firing',
  beganAt: iso(now),
  firedAt: iso(now),
  resolvedAt: null,
  resolution: null,
  heldMillis: 0,
  facts: {
    severity: 'critical',
    cause,
    what: id,
    hosts: [],
    since: iso(now),
    whyItMatters: '',
    whatToDo: '',
    href: '/',
  },
  acknowledged: null,
  told: [],
});

describe('after an attempt', () => {
  test('what was delivered is over', () => {
    const after = afterAttempt(delivery({ lastError: 'x' }), { outcome: 'delivered', detail: '' }, now);
    expect(after).toMatchObject({ state: 'delivered', nextAttemptAt: null, lastError: null });
  });

  test('waits double up to ten minutes, and not less than the receiver asks', () => {
    expect([1, 2, 3, 10, 60].map((attempts) => backOffSeconds(attempts, 0))).toEqual([1, 2, 4, 512, 600]);
    const asked = afterAttempt(delivery(), { outcome: 'retry', detail: 'no', afterSeconds: 90 }, now);
    expect(Date.parse(asked.nextAttemptAt ?? '')).toBe(now + 90_000);
    const own = afterAttempt(
      delivery({ attempts: 5 }),
      { outcome: 'retry', detail: 'no', afterSeconds: 1 },
      now,
    );
    expect(Date.parse(own.nextAttemptAt ?? '') - now).toBeGreaterThanOrEqual(16_000);
  });

  test('a refusal is asked again some times, and then given up with its reason', () => {
    let each = delivery();
    let waitedSeconds = 0;
    for (let refused = 1; refused < mostRefusals; refused += 1) {
      each = afterAttempt(each, { outcome: 'refused', detail: 'it answered 404' }, now);
      expect(each.state).toBe('waiting');
      waitedSeconds += (Date.parse(each.nextAttemptAt ?? '') - now) / 1000;
    }
    // Longer than a receiver takes to start anew.
    expect(waitedSeconds).toBeGreaterThanOrEqual(1800);
    each = afterAttempt(each, { outcome: 'refused', detail: 'it answered 404' }, now);
    expect(each).toMatchObject({
      state: 'given-up',
      lastError: 'it answered 404; given up after 5 refusals',
    });
  });

  test('what failed for a day is given up', () => {
    const late = now + longestTrySeconds * 1000;
    const failed = { outcome: 'retry', detail: 'no', afterSeconds: null } as const;
    expect(afterAttempt(delivery({ attempts: 20 }), failed, late).state).toBe('given-up');
    // The hub was off, or its clock was set: it has hardly been tried.
    expect(afterAttempt(delivery(), failed, late).state).toBe('waiting');
  });

  test('what still fires is not given up: nobody else would tell it there once the receiver is back', () => {
    const late = now + 3 * longestTrySeconds * 1000;
    const told = delivery({ attempts: 400, refusals: 40 });
    for (const sent of [
      { outcome: 'retry', detail: 'no', afterSeconds: null },
      { outcome: 'refused', detail: 'it answered 404' },
    ] as const) {
      const after = afterAttempt(told, sent, late, { isOver: false });
      expect(after.state).toBe('waiting');
      expect(Date.parse(after.nextAttemptAt ?? '') - late).toBeLessThanOrEqual(1_800_000);
      expect(afterAttempt(told, sent, late, { isOver: true }).state).toBe('given-up');
    }
  });
});

describe('the queue', () => {
  const queue = (
    waiting: readonly DeliveryRecord[],
    alerts: readonly AlertRecord[],
    event: 'firing' | 'resolved',
  ) =>
    queueNotices(
      { waitingDeliveries: async () => waiting },
      alerts.map((each) => ({ channelId: 'c', event, alert: each })),
      { nowMillis: now, waitSeconds: 10 },
    );

  test('alerts of one cause are one notice that waits a little, others are others', async () => {
    const queued = await queue([], [alert('a'), alert('b'), alert('x', 'Other')], 'firing');
    expect(queued.map(({ alertIds }) => alertIds)).toEqual([['a', 'b'], ['x']]);
    expect(queued[0]?.nextAttemptAt).toBe(iso(now + 10_000));
  });

  test('joins one that has not begun, never one that is under way or of another event', async () => {
    const idle = delivery({ id: 'idle', attempts: 0 });
    expect((await queue([idle], [alert('b')], 'firing'))[0]).toMatchObject({
      id: 'idle',
      alertIds: ['a', 'b'],
    });
    expect((await queue([delivery()], [alert('b')], 'firing'))[0]?.alertIds).toEqual(['b']);
    expect((await queue([idle], [alert('a')], 'resolved'))[0]?.id).not.toBe('idle');
  });

  test('joins none that is held back by what does not concern it, and none that goes out before its beginning', async () => {
    const failing = delivery({ id: 'failing', alertIds: ['a'], attempts: 3 });
    const idle = (id: string, alertIds: readonly string[], event: 'firing' | 'resolved' = 'resolved') =>
      delivery({ id, alertIds, event, attempts: 0 });
    const joined = async (waiting: readonly DeliveryRecord[], id: string) =>
      (await queue(waiting, [alert(id)], 'resolved'))[0]?.alertIds;
    expect(await joined([failing, idle('end', ['a'])], 'b')).toEqual(['b']);
    expect(await joined([delivery({ ...failing, alertIds: ['a', 'b'] }), idle('end', ['a'])], 'b')).toEqual([
      'a',
      'b',
    ]);
    expect(await joined([failing, idle('end', ['x'])], 'b')).toEqual(['x', 'b']);
    expect(await joined([idle('end', ['a']), idle('begin', ['b'], 'firing')], 'b')).toEqual(['b']);
    expect(await joined([idle('begin', ['b'], 'firing'), idle('end', ['a'])], 'b')).toEqual(['a', 'b']);
  });

  test('is bounded: what waits longest goes, and says so', async () => {
    const waiting = Array.from({ length: mostWaiting }, (_, index) =>
      delivery({ id: `d${index}`, attempts: index === 0 ? 3 : 0, cause: `c${index}` }),
    );
    const queued = await queue(waiting, [alert('new')], 'firing');
    expect(queued).toHaveLength(2);
    expect(queued[1]).toMatchObject({ id: 'd1', state: 'given-up', lastError: expect.stringMatching(/500/) });
  });
});
