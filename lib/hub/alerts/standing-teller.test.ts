import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { noChannelOptions } from '../../model/index.ts';
import type { ChannelRecord } from '../../state/state-store.ts';
import { createChannelHealth } from './channel-health.ts';
import { createStandingTeller } from './standing-teller.ts';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanup.splice(0)) undo();
});

test('an Alertmanager is told on even when the clock is set back, since what fires would end there', async () => {
  let received = 0;
  const server = createServer((_request, response) => {
    received += 1;
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.push(() => server.close());
  const channel: ChannelRecord = {
    ...{ id: 'c', kind: 'alertmanager', name: 'am', secret: null, options: noChannelOptions, source: 'hub' },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    createdAt: '2026-11-25T10:00:00.000Z',
    createdBy: 'user ada',
  };
  let nowMillis = Date.parse('2026-11-25T10:00:00.000Z');
  const state = {
    listChannels: async () => [channel],
    listResolvedSince: async () => [],
    lastDelivery: async () => null,
  };
  const teller = createStandingTeller({
    ...{ state, now: () => nowMillis, hub: () => ({ url: '', version: '1' }), everySeconds: 60 },
    ...{ health: createChannelHealth(state), log: () => undefined },
  });
  const runAfter = async (seconds: number): Promise<number> => {
    nowMillis += seconds * 1000;
    await teller.run({ firing: [], revision: 1 });
    await teller.settled();
    return received;
  };
  expect(await runAfter(0)).toBe(1);
  expect(await runAfter(59)).toBe(1);
  expect(await runAfter(1)).toBe(2);
  expect(await runAfter(-3600)).toBe(3);
  expect(await runAfter(59)).toBe(3);
  expect(await runAfter(1)).toBe(4);
});
