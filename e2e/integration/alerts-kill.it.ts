import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openGuestState } from '../../lib/hub/data-folder.ts';
import { playedGpus, seeded } from './support/broken-gpus.ts';
import { type RunningProgram, startProgram } from './support/programs.ts';
import { startReceiver } from './support/receiver.ts';
import { Cleanup, eventually, sleep, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const kills = 20;
const child = new URL('./support/alerting-child.ts', import.meta.url).pathname;

test('killed at 20 moments while 50 alerts fire and resolve: none is lost, none has two ids', async () => {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 1e6));
  const random = seeded(seed + 1);
  const receiver = await startReceiver(cleanup);
  const folder = join(temporaryFolder(cleanup, 'alerting'), 'data');
  mkdirSync(folder, { mode: 0o700 });
  const startMillis = Date.now() + 500;
  const start = (): RunningProgram =>
    startProgram(cleanup, [process.execPath, child, folder, receiver.url, String(startMillis), String(seed)]);
  const play = `seed ${seed}`;

  let running = start();
  for (let kill = 0; kill < kills; kill += 1) {
    await running.seen(/^ready$/m, 20);
    await sleep(0.05 + random() * 0.55);
    await running.stop('SIGKILL');
    running = start();
  }
  const gpus = playedGpus(seed);
  const lastEnd = startMillis + Math.max(...gpus.map(({ toMillis }) => toMillis));
  await sleep(Math.max(0, lastEnd - Date.now()) / 1000);
  const told = (event: string) =>
    new Set(
      receiver.received
        .filter(({ body }) => body.event === event)
        .flatMap(({ body }) => body.alerts.map(({ id }) => id)),
    );
  await eventually(() => told('resolved').size >= gpus.length, {
    seconds: 15,
    what: `every end to be told (${play})`,
  });
  await sleep(0.5);
  await running.stop('SIGKILL');

  const state = await openGuestState(folder);
  const kept = (
    await state.listAlerts({
      phases: ['pending', 'firing', 'resolved'],
      rule: 'recovery-action',
      words: [],
      limit: 1000,
    })
  ).alerts;
  await state.close();
  // One event for each GPU, over now, and no other.
  expect(
    kept.map(({ phase }) => phase),
    play,
  ).toEqual(gpus.map(() => 'resolved'));
  expect(new Set(kept.map(({ subject }) => subject)).size, play).toBe(gpus.length);
  const ids = kept.map(({ id }) => id).sort();
  for (const event of ['firing', 'resolved'] as const) {
    const notices = receiver.received.filter(({ body }) => body.event === event);
    expect([...told(event)].sort(), play).toEqual(ids);
    // Told again after a kill only under the same id, word for word.
    for (const [id, same] of Map.groupBy(notices, ({ headers }) => headers['webhook-id']))
      expect([id, new Set(same.map(({ text }) => text)).size, play]).toEqual([id, 1, play]);
    const noticesOf = (alertId: string) =>
      new Set(
        notices
          .filter(({ body }) => body.alerts.some(({ id }) => id === alertId))
          .map(({ headers }) => headers['webhook-id']),
      );
    for (const id of ids) expect([id, noticesOf(id).size, play]).toEqual([id, 1, play]);
  }
});
