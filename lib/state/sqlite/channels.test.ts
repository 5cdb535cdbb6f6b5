import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noChannelOptions } from '../../model/index.ts';
import type { DeliveryRecord, StateStore } from '../state-store.ts';
import { createSqliteState } from './index.ts';

let folder = '';
let state: StateStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-channels-'));
  state = await createSqliteState({ path: join(folder, 'state.sqlite') });
  for (const id of ['c', 'd'])
    await state.putChannel({
      id,
      kind: 'webhook',
      name: id,
      url: 'http://127.0.0.1:1/',
      secret: null,
      options: noChannelOptions,
      source: 'hub',
      createdAt: at(0),
      createdBy: 'user ada',
    });
});
afterEach(async () => {
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (minute: number): string => `2026-11-25T10:${String(minute).padStart(2, '0')}:00.000Z`;
const put = (id: string, alertIds: readonly string[], changes: Partial<DeliveryRecord> = {}) =>
  state.putDelivery({
    id,
    channelId: 'c',
    event: 'firing',
    cause: 'Host gone',
    alertIds,
    createdAt: at(0),
    state: 'waiting',
    body: null,
    attempts: 0,
    refusals: 0,
    nextAttemptAt: at(0),
    finishedAt: null,
    lastError: null,
    ...changes,
  });
const due = async (minute: number) =>
  (await state.firstDueDeliveries(at(minute), at(minute + 30))).map(({ id }) => id);

test('one that is to be tried again later does not hold up those behind it', async () => {
  await put('failing', ['a'], { attempts: 9, nextAttemptAt: at(10) });
  await put('other', ['b']);
  await put('another', ['e']);
  await put('of another channel', ['a'], { channelId: 'd' });
  expect(await due(1)).toEqual(['other', 'of another channel']);
  await put('other', ['b'], { state: 'delivered', nextAttemptAt: null });
  expect(await due(1)).toEqual(['another', 'of another channel']);
  expect(await due(10)).toEqual(['failing', 'of another channel']);
});

test('of one alert a channel hears in order: what tells of its end waits for what tells of its beginning', async () => {
  await put('firing', ['a', 'b'], { attempts: 2, nextAttemptAt: at(5) });
  await put('resolved', ['b', 'x'], { event: 'resolved' });
  // What waits holds back in its turn.
  await put('again', ['x']);
  expect(await due(1)).toEqual([]);
  expect(await due(5)).toEqual(['firing']);
  await put('firing', ['a', 'b'], { state: 'delivered', nextAttemptAt: null });
  expect(await due(5)).toEqual(['resolved']);
});

test('one that was queued under a clock that was set back since is due, and not in a year', async () => {
  await put('ahead', ['a'], { nextAttemptAt: '2027-11-25T10:00:00.000Z' });
  await put('soon', ['b'], { channelId: 'd', nextAttemptAt: at(20) });
  expect(await due(1)).toEqual(['ahead']);
});
