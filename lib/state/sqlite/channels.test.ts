import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noChannelOptions } from '../../model/index.ts';
import {
  type ChannelRecord,
  type DeliveryRecord,
  type StateSecrets,
  type StateStore,
  unreadableAddress,
} from '../state-store.ts';
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

describe('addresses and secrets', () => {
  /** Turns a text round; as good as any for what is tested here. */
  const secrets: StateSecrets = {
    seal: (text) => [...text].reverse().join(''),
    open: (sealed) => [...sealed].reverse().join(''),
  };
  const channel: ChannelRecord = {
    id: 's',
    kind: 'slack',
    name: 's',
    url: 'https://hooks.example/services/T0/B0/sesame',
    secret: 'hunter2',
    options: noChannelOptions,
    source: 'hub',
    createdAt: at(0),
    createdBy: 'user ada',
  };
  /** All that lies in the folder, the database's log too. */
  const onDisk = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n');
  const reopen = async (given?: StateSecrets): Promise<void> => {
    await state.close();
    state = await createSqliteState({
      path: join(folder, 'state.sqlite'),
      ...(given === undefined ? {} : { secrets: given }),
    });
  };

  test('that an older hub wrote as they are are sealed at the start, and nothing is left of them', async () => {
    await state.putChannel(channel);
    await state.putChannel({ ...channel, id: 'e', name: 'e', secret: null });
    await state.putChannel({ ...channel, secret: 'hunter1' });
    await state.putChannel(channel);
    expect(onDisk()).toContain('sesame');
    await reopen(secrets);
    expect(await state.getChannel('s')).toEqual(channel);
    expect((await state.getChannel('e'))?.secret).toBeNull();
    for (const word of ['sesame', 'hunter']) expect(onDisk(), word).not.toContain(word);
    // Once more changes nothing.
    await reopen(secrets);
    expect(await state.getChannel('s')).toEqual(channel);
  });

  test('that could not be wiped at the start that sealed them are wiped at the next', async () => {
    await state.putChannel({ ...channel, secret: 'hunter1' });
    await state.putChannel(channel);
    const exec = DatabaseSync.prototype.exec;
    const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
      this: DatabaseSync,
      sql,
    ) {
      if (sql === 'VACUUM') throw new Error('database or disk is full');
      return exec.call(this, sql);
    });
    await reopen(secrets);
    spy.mockRestore();
    expect(await state.getChannel('s')).toEqual(channel);
    await reopen(secrets);
    expect(await state.getChannel('s')).toEqual(channel);
    for (const word of ['sesame', 'hunter']) expect(onDisk(), word).not.toContain(word);
  });

  test('are sealed when they are written', async () => {
    await reopen(secrets);
    await state.putChannel(channel);
    expect(await state.getChannel('s')).toEqual(channel);
    for (const word of ['sesame', 'hunter']) expect(onDisk(), word).not.toContain(word);
  });

  test('that another key sealed are said to be unreadable, and are there again with their key', async () => {
    await reopen(secrets);
    await state.putChannel(channel);
    const other: StateSecrets = {
      ...secrets,
      open() {
        throw new Error('another key');
      },
    };
    await reopen(other);
    const found = await state.getChannel('s');
    expect(found).toEqual({ ...channel, url: unreadableAddress, secret: null });
    expect((await state.listChannels()).find(({ id }) => id === 'd')?.url).toBe(unreadableAddress);
    await reopen(secrets);
    expect(await state.getChannel('s')).toEqual(channel);
  });
});
