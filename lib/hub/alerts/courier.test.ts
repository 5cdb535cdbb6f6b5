import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { noChannelOptions } from '../../model/index.ts';
import type { ChannelRecord, DeliveryRecord, StateStore } from '../../state/state-store.ts';
import { createCourier } from './courier.ts';

const startMillis = Date.parse('2026-11-25T10:00:00.000Z');
const iso = (millis: number): string => new Date(millis).toISOString();
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanup.splice(0)) undo();
});

/** A receiver of one channel, and the notices `first` and `second` that are due. */
async function channelOf(answer: (id: string) => { status: number; retryAfter?: string }) {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    received.push(id);
    const { status, retryAfter } = answer(id);
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.push(() => server.close());
  const channel: ChannelRecord = {
    id: 'c',
    kind: 'webhook',
    name: 'ops',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret: null,
    options: noChannelOptions,
    source: 'hub',
    createdAt: iso(startMillis),
    createdBy: 'user ada',
  };
  const deliveries = new Map(
    ['first', 'second'].map((id): [string, DeliveryRecord] => [
      id,
      {
        id,
        channelId: 'c',
        event: 'firing',
        cause: id,
        alertIds: [],
        createdAt: iso(startMillis),
        state: 'waiting',
        body: '{}',
        attempts: 0,
        refusals: 0,
        nextAttemptAt: iso(startMillis),
        finishedAt: null,
        lastError: null,
      },
    ]),
  );
  let nowMillis = startMillis;
  const state: Pick<StateStore, 'firstDueDeliveries' | 'getChannel' | 'putDelivery'> = {
    firstDueDeliveries: async (now) =>
      [...deliveries.values()]
        .filter((each) => each.state === 'waiting' && (each.nextAttemptAt ?? now) <= now)
        .slice(0, 1),
    getChannel: async () => channel,
    putDelivery: async (delivery) => void deliveries.set(delivery.id, delivery),
  };
  const courier = createCourier({
    state: state as StateStore,
    now: () => nowMillis,
    hub: () => ({ url: 'http://hub.test', version: '1' }),
    log: () => undefined,
    note: () => undefined,
    health: { note: () => undefined },
  });
  const runAfter = async (seconds: number): Promise<void> => {
    nowMillis += seconds * 1000;
    await courier.run();
    await courier.settled();
  };
  return { received, runAfter };
}

test('a notice that its receiver always fails on does not keep the next one waiting', async () => {
  const { received, runAfter } = await channelOf((id) => ({ status: id === 'first' ? 500 : 204 }));
  await runAfter(0);
  await runAfter(0.1);
  expect(received).toEqual(['first', 'second']);
  await runAfter(5);
  expect(received).toEqual(['first', 'second', 'first']);
});

test('a receiver that asks for time has it from all notices', async () => {
  let status = 429;
  const { received, runAfter } = await channelOf(() => ({ status, retryAfter: '30' }));
  await runAfter(0);
  status = 204;
  await runAfter(29);
  expect(received).toEqual(['first']);
  await runAfter(2);
  await runAfter(1);
  expect(received).toEqual(['first', 'first', 'second']);
});
