import { expect, test } from 'vitest';
import { type ChannelKind, noChannelOptions } from '../../model/index.ts';
import type { ChannelRecord, DeliveryRecord } from '../../state/state-store.ts';
import { createChannelHealth } from './channel-health.ts';

const channel = (id: string, kind: ChannelKind = 'webhook'): ChannelRecord => ({
  id,
  kind,
  name: `channel ${id}`,
  url: 'http://127.0.0.1:1/',
  secret: null,
  options: noChannelOptions,
  source: 'hub',
  createdAt: '2026-11-24T12:00:00.000Z',
  createdBy: 'user ada',
});
const delivery = (changes: Partial<DeliveryRecord>): DeliveryRecord => ({
  id: 'd',
  channelId: 'a',
  event: 'firing',
  cause: 'x',
  alertIds: [],
  createdAt: '2026-11-24T12:00:00.000Z',
  state: 'waiting',
  body: null,
  attempts: 1,
  refusals: 0,
  nextAttemptAt: null,
  finishedAt: null,
  lastError: null,
  ...changes,
});

const book = (channels: readonly ChannelRecord[], last: Readonly<Record<string, DeliveryRecord>> = {}) =>
  createChannelHealth({
    listChannels: async () => channels,
    lastDelivery: async (id) => last[id] ?? null,
  });

test('it fails since the first failure, and no longer once something arrives', () => {
  const health = book([channel('a')]);
  expect(health.of('a').state).toBe('unused');
  health.note('a', { error: 'no answer', atMillis: 1000 });
  health.note('a', { error: 'refused', atMillis: 5000 });
  expect(health.of('a')).toMatchObject({
    state: 'failing',
    failingSince: '1970-01-01T00:00:01.000Z',
    lastError: 'refused',
  });
  health.note('a', { error: null, atMillis: 9000 });
  expect(health.of('a')).toMatchObject({ state: 'ok', failingSince: null, lastError: null });
});

test('of several addresses the one that fails speaks, the longest first', () => {
  const health = book([channel('a', 'alertmanager')]);
  health.note('a', { part: 'one', error: null, atMillis: 1000 });
  health.note('a', { part: 'two', error: 'later', atMillis: 3000 });
  health.note('a', { part: 'three', error: 'first', atMillis: 2000 });
  expect(health.of('a')).toMatchObject({ state: 'failing', lastError: 'first' });
  health.note('a', { part: 'three', error: null, atMillis: 4000 });
  expect(health.of('a')).toMatchObject({ state: 'failing', lastError: 'later' });
});

test('after a restart it goes on from what was kept, and forgets channels that are gone', async () => {
  const channels = [channel('a'), channel('b'), channel('c')];
  const health = book(channels, {
    a: delivery({ state: 'given-up', lastError: 'it answered 404' }),
    b: delivery({ channelId: 'b', state: 'delivered', finishedAt: '2026-11-24T12:00:05.000Z' }),
  });
  await health.load();
  expect(health.readings()).toEqual([
    {
      id: 'a',
      name: 'channel a',
      failingSinceMillis: Date.parse('2026-11-24T12:00:00.000Z'),
      lastError: 'it answered 404',
    },
    { id: 'b', name: 'channel b', failingSinceMillis: null, lastError: null },
    { id: 'c', name: 'channel c', failingSinceMillis: null, lastError: null },
  ]);
  channels.splice(0, 1);
  await health.refresh();
  expect(health.of('a').state).toBe('unused');
});
