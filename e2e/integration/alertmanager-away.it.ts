import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert, Page } from '../../lib/model/index.ts';
import { type AlertmanagerServer, startAlertmanager } from './support/alertmanager-server.ts';
import { startFailingHosts } from './support/failing-hosts.ts';
import { type HttpReceiver, startHttpReceiver } from './support/http-receiver.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

/** TEST_ALERTMANAGER_AWAY_SECONDS=120: an outage of real length; a short one goes the same ways. */
const awaySeconds = Number(process.env['TEST_ALERTMANAGER_AWAY_SECONDS'] ?? 5);
const cleanup = new Cleanup();
const names = ['a-1', 'a-2', 'a-3'] as const;
/** Hosts whose driver asks for a reset of their first GPU. */
let broken: readonly string[] = [];
let hub: TestHub;
let hook: HttpReceiver;
let alertmanager: AlertmanagerServer;
afterAll(() => cleanup.run());

/** The hub tells it every minute, as it does unless told otherwise. */
beforeAll(async () => {
  hook = await startHttpReceiver(cleanup);
  alertmanager = await startAlertmanager(cleanup, hook.url);
  hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--alert-clear-after', '1s'] });
  const admin = await hub.apiToken('admin');
  const made = await send(`${hub.url}/api/v1/channels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'alertmanager', name: 'am', url: alertmanager.url }),
  });
  expect(made.status, made.body).toBe(200);
  await startFailingHosts(cleanup, hub, {
    names,
    everyMilliseconds: 500,
    isBroken: (name) => broken.includes(name),
  });
});

const shown = async (): Promise<string> =>
  (await alertmanager.active())
    .map(({ labels }) => labels['host'])
    .sort()
    .join();
const firing = async (): Promise<string> =>
  (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=firing&rule=recovery-action')).items
    .map(({ hosts }) => hosts[0]?.hostname)
    .sort()
    .join();

test('an Alertmanager that was away shows exactly what fires when it is back, and ends nothing that fires', async () => {
  broken = ['a-1', 'a-2'];
  await eventually(async () => (await shown()) === 'a-1,a-2', { seconds: 60, what: 'what fires first' });
  await alertmanager.kill();
  const away = sleep(awaySeconds);
  broken = ['a-2', 'a-3'];
  await eventually(async () => (await firing()) === 'a-2,a-3', { seconds: 60, what: 'the hub to see it' });
  await away;
  await alertmanager.start();
  // It is asked again every 10 s while it does not answer.
  await eventually(async () => (await shown()) === 'a-2,a-3', { seconds: 20, what: 'exactly what fires' });
  await sleep(2);
  expect(await shown()).toBe('a-2,a-3');
  const ended = hook.requests.flatMap(({ body }) =>
    (body.alerts as { status: string; labels: Record<string, string> }[])
      .filter(({ status }) => status === 'resolved')
      .map(({ labels }) => labels['host']),
  );
  expect(ended.filter((host) => host !== 'a-1')).toEqual([]);
}, 300_000);
