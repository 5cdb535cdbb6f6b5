import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownRecording } from '../../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../../agents/access/simulated/simulated-agent.ts';
import { openGuestState } from '../../lib/hub/data-folder.ts';
import type {
  Alert,
  AlertDetail,
  Channel,
  ChannelTest,
  HostSummary,
  Page,
  SilenceView,
  VersionsView,
} from '../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { gpufleet } from './support/played-agent.ts';
import { mustRun, startProgram } from './support/programs.ts';
import { type Answer, enroll, hostId, pushOnce, send } from './support/pusher.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { createSecondHost } from './support/second-host.ts';
import { Cleanup, eventually, freePort, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
const agents: SimulatedAgent[] = [];
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

/** Seconds in place of minutes; what they are in relation to each other is as in the defaults. */
const goneSeconds = 4;
const clearSeconds = 2;
const graceSeconds = 8;
const quickly = [
  ...['--interval', '1s', '--alert-host-gone-after', `${goneSeconds}s`, '--alert-drift-after', '2s'],
  ...['--alert-clear-after', `${clearSeconds}s`, '--alert-start-grace', `${graceSeconds}s`],
  ...['--alert-group-wait', '0s'],
];

const alertsOf = async (hub: TestHub, query = ''): Promise<readonly Alert[]> =>
  (await hub.getJson<Page<Alert>>(`/api/v1/alerts?${query}`)).items;

const ask = (hub: TestHub, token: string, method: string, path: string, body?: object): Promise<Answer> =>
  send(`${hub.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function fleetOf(hub: TestHub, hostnames: readonly string[]): Promise<void> {
  const [token, recording] = await Promise.all([hub.enrollmentToken(), ownRecording('rtx4090x4')]);
  for (const hostname of hostnames)
    agents.push(
      startSimulatedAgent({
        recording,
        hostname,
        labels: { group: 'lab' },
        intervalSeconds: 1,
        hubUrl: hub.url,
        trust: { kind: 'system' },
        readToken: () => token,
        stateFolder: null,
        log: () => undefined,
      }),
    );
}

const reporting = (hub: TestHub, count: number) =>
  eventually(
    async () =>
      (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=ok')).items.filter(({ state }) => state === 'ok')
        .length === count,
    { seconds: 60, what: `${count} hosts that report` },
  );

const metric = async (hub: TestHub, rule: string): Promise<number> =>
  Number(
    new RegExp(`^gpufleet_alerts\\{alert="${rule}",.*\\} (\\d+)$`, 'm').exec(
      await hub.getText('/metrics'),
    )?.[1],
  );

describe('a driver that differs, and the network that is cut', () => {
  let hub: TestHub;
  let receiver: Receiver;
  let operator: string;
  let admin: string;
  const secret = 'whsec_c2VjcmV0LXNlY3JldA==';
  const differing = async (): Promise<readonly string[]> =>
    (await hub.getJson<VersionsView>('/api/v1/versions?group=lab&facet=driver')).drift.map(
      ({ hostname }) => hostname,
    );

  beforeAll(async () => {
    receiver = await startReceiver(cleanup);
    hub = await startTestHub(cleanup, { host: '0.0.0.0', options: ['--behind-proxy', ...quickly] });
    [operator, admin] = await Promise.all([hub.apiToken('operator'), hub.apiToken('admin')]);
    await fleetOf(
      hub,
      Array.from({ length: 12 }, (_, index) => `lab-${index + 1}`),
    );
    await reporting(hub, 12);
  });

  test('a channel is made, shown without its secrets, and tested', async () => {
    const wanted = { kind: 'webhook', name: 'ops', url: receiver.url, secret };
    expect((await ask(hub, operator, 'POST', '/api/v1/channels', wanted)).status).toBe(403);
    for (const url of ['ftp://x/', 'nothing', 'http://a:b@x/', 'http://x/#y'])
      expect((await ask(hub, admin, 'POST', '/api/v1/channels', { ...wanted, url })).status, url).toBe(422);
    const made = await ask(hub, admin, 'POST', '/api/v1/channels', wanted);
    expect(made.status, made.body).toBe(200);
    expect((await ask(hub, admin, 'POST', '/api/v1/channels', wanted)).status).toBe(409);
    const listed = await ask(hub, admin, 'GET', '/api/v1/channels');
    expect(listed.body).not.toMatch(/hush|whsec/);
    const [channel] = (JSON.parse(listed.body) as { items: Channel[] }).items;
    expect(channel).toMatchObject({ name: 'ops', signed: true, waiting: 0, last: null });
    const tested = await ask(hub, admin, 'POST', `/api/v1/channels/${channel?.id}/test`);
    expect(JSON.parse(tested.body) as ChannelTest).toMatchObject({ delivered: true });
    expect(receiver.received.at(-1)?.body).toMatchObject({ event: 'test', alerts: [] });

    const closed = { kind: 'webhook', name: 'closed', url: `http://127.0.0.1:${await freePort()}/` };
    const { id } = JSON.parse((await ask(hub, admin, 'POST', '/api/v1/channels', closed)).body) as Channel;
    const failed = JSON.parse(
      (await ask(hub, admin, 'POST', `/api/v1/channels/${id}/test`)).body,
    ) as ChannelTest;
    expect(failed).toMatchObject({ delivered: false, detail: 'it cannot be reached: nothing listens there' });
    expect((await ask(hub, admin, 'DELETE', `/api/v1/channels/${id}`)).status).toBe(204);
    receiver.answers = [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }];
    const moved = await ask(hub, admin, 'POST', `/api/v1/channels/${channel?.id}/test`);
    expect((JSON.parse(moved.body) as ChannelTest).detail).toMatch(/redirects are not followed/);
    // Nothing arrives there now, which is an alert by itself until something does.
    await eventually(async () => (await alertsOf(hub))[0]?.rule === 'channel-dead');
    await ask(hub, admin, 'POST', `/api/v1/channels/${channel?.id}/test`);
    await eventually(async () => (await alertsOf(hub)).length === 0, { what: 'no alert of the channel' });
  });

  test('half the fleet upgraded one by one with only an inferred baseline pages nobody', async () => {
    await eventually(async () => {
      const view = await hub.getJson<VersionsView>('/api/v1/versions?group=lab&facet=driver&hosts=none');
      return view.groups[0]?.cells.find(({ facet }) => facet === 'driver')?.baseline?.kind === 'inferred';
    });
    for (const agent of agents.slice(0, 6)) {
      agent.access.setFault({ kind: 'driver-replaced', driverVersion: '610.57.04' });
      await eventually(async () => (await differing()).includes(agent.hostname), { what: agent.hostname });
    }
    await sleep(3.5);
    expect(await alertsOf(hub)).toEqual([]);
    expect(receiver.received.filter(({ body }) => body.event !== 'test')).toEqual([]);
    for (const agent of agents.slice(1, 6)) agent.access.setFault(null);
    await eventually(async () => (await differing()).length === 1, { what: 'one host that differs' });
  });

  test('accepted, it fires, reaches a receiver that fails twice first, and resolves when put right', async () => {
    const before = receiver.received.length;
    receiver.answers = [{ status: 500 }, { status: 503, headers: { 'retry-after': '2' } }];
    const accepted = await ask(hub, operator, 'PUT', '/api/v1/baselines', {
      group: 'lab',
      facet: 'driver',
      value: null,
    });
    expect(accepted.status, accepted.body).toBe(200);
    const notices = () => receiver.received.slice(before);
    await eventually(() => notices().length === 3, { what: 'the third attempt' });
    const [first, second, third] = notices();
    expect(new Set(notices().map(({ text }) => text)).size).toBe(1);
    expect(new Set(notices().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(third!.atMillis - second!.atMillis).toBeGreaterThanOrEqual(1900);
    const { headers, text, body } = first!;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
    expect(body).toMatchObject({ version: 1, event: 'firing', cause: expect.stringContaining('lab') });
    expect(body.alerts).toMatchObject([
      { rule: 'driver-drift', hosts: [{ hostname: 'lab-1' }], resolvedAt: null },
    ]);
    expect(body.alerts[0]?.what).toContain('610.57.04');
    expect(body.alerts[0]?.url).toMatch(/\/alerts\/[0-9a-f]+$/);

    const [alert] = await alertsOf(hub, 'phase=firing');
    expect(await metric(hub, 'driver-drift')).toBe(1);
    const acknowledged = await ask(hub, operator, 'POST', `/api/v1/alerts/${alert?.id}/acknowledge`, {
      note: 'on it',
    });
    expect(JSON.parse(acknowledged.body) as Alert).toMatchObject({ acknowledged: { note: 'on it' } });
    agents[0]?.access.setFault(null);
    await eventually(() => notices().length === 4, { what: 'the notice that it is over' });
    expect(notices()[3]?.body).toMatchObject({ event: 'resolved' });
    expect(notices()[3]?.body.alerts[0]).toMatchObject({
      id: alert?.id,
      resolution: 'the driver is the one of the baseline',
    });
    const detail = await eventually(async () => {
      const seen = await hub.getJson<AlertDetail>(`/api/v1/alerts/${alert?.id}`);
      return seen.deliveries.every(({ state }) => state === 'delivered') && seen;
    });
    expect(detail.deliveries.map(({ event, attempts }) => [event, attempts])).toEqual([
      ['firing', 3],
      ['resolved', 1],
    ]);
    expect(await metric(hub, 'driver-drift')).toBe(0);
    expect(await hub.getText('/metrics/hub')).toMatch(
      /alert_deliveries_total\{outcome="retried"\} 2\n.*given-up"\} 0|alert_deliveries_total\{outcome="delivered"\} 2/,
    );
  });

  test('the network to 5 of 12 hosts is cut: one alert, not five; it resolves when they report again', async () => {
    // Five of the twelve move behind the network that will be cut.
    for (const agent of agents.splice(7)) {
      await agent.stop();
      const found = await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?q=${agent.hostname}`);
      const host = found.items.find(({ hostname }) => hostname === agent.hostname);
      expect((await ask(hub, admin, 'DELETE', `/api/v1/hosts/${host?.id}`)).status).toBe(204);
    }
    const second = await createSecondHost(cleanup);
    startProgram(cleanup, [
      ...second.prefix,
      ...gpufleet,
      'simulate',
      ...['--hub', `http://${second.ourAddress}:${hub.port}`, '--token', await hub.enrollmentToken()],
      ...['--hosts', '5', '--gpus', '1', '--interval', '1s'],
    ]);
    await reporting(hub, 12);
    const before = receiver.received.length;
    const notices = () => receiver.received.slice(before);
    await mustRun(['ip', 'link', 'set', second.link, 'down']);
    await eventually(() => notices().length > 0, { what: 'a notice' });
    await sleep(goneSeconds + 1);
    expect(notices().map(({ body }) => [body.event, body.cause])).toEqual([['firing', 'Hub or network']]);
    expect(
      notices()[0]
        ?.body.alerts[0]?.hosts.map(({ hostname }) => hostname)
        .sort(),
    ).toEqual(Array.from({ length: 5 }, (_, index) => `sim-00${index + 1}`));
    expect((await alertsOf(hub, 'phase=firing')).map(({ rule }) => rule)).toEqual(['hub-or-network']);
    expect(await metric(hub, 'host-gone')).toBe(0);
    await mustRun(['ip', 'link', 'set', second.link, 'up']);
    await eventually(() => notices().some(({ body }) => body.event === 'resolved'), {
      seconds: 90,
      what: 'the notice that it is over',
    });
    expect((await alertsOf(hub, 'phase=firing')).filter(({ rule }) => rule === 'hub-or-network')).toEqual([]);
  });
});

describe('hosts that push by hand', () => {
  const names = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5'] as const;
  const credentials = new Map<string, string>();
  let hub: TestHub;
  let receiver: Receiver;
  let sequence = 0;
  let silent: readonly string[] = [];
  let pushing: NodeJS.Timeout;

  async function push(name: string): Promise<void> {
    const at = new Date().toISOString();
    sequence += 1;
    const report = reportFixture({ takenAt: at, sequence, intervalSeconds: 1 });
    const host = { id: hostId(name), hostname: name, labels: { rack: 'a1' } };
    const body = pushFixture({ host, sentAt: at, reports: [report] });
    await pushOnce(hub.url, body, { credential: credentials.get(name) ?? '' }).catch(() => undefined);
  }
  const notices = () =>
    receiver.received.map(({ body }) => `${body.event} ${body.alerts[0]?.hosts[0]?.hostname}`);
  const stateOf = async (name: string) =>
    (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?q=${name}`)).items[0];

  beforeAll(async () => {
    receiver = await startReceiver(cleanup);
    hub = await startTestHub(cleanup, { options: [...quickly, '--webhook', receiver.url] });
    const token = await hub.enrollmentToken();
    for (const name of names) credentials.set(name, await enroll(hub.url, token, name));
    pushing = setInterval(() => {
      for (const name of names) if (!silent.includes(name)) void push(name);
    }, 500);
    cleanup.add(() => clearInterval(pushing));
    await eventually(async () => (await stateOf('p-5'))?.state === 'ok');
  });

  /** As if the hub had been away for ten minutes: everything that it knows of is so much older. */
  async function age(seconds: number): Promise<void> {
    const state = await openGuestState(hub.dataFolder);
    for (const host of await state.listHosts()) {
      const report = JSON.parse(host.lastReport ?? '') as { takenAtMillis: number };
      report.takenAtMillis -= seconds * 1000;
      const lastReportAt = new Date(Date.parse(host.lastReportAt ?? '') - seconds * 1000).toISOString();
      await state.putHost({ ...host, lastReportAt, lastReport: JSON.stringify(report) });
    }
    await state.close();
  }

  test('a hub restarted after 10 minutes fires nothing for hosts that report again', async () => {
    silent = names;
    await hub.stop();
    await age(600);
    await hub.start();
    // Agents wait between attempts: all are gone on the page before the first of them comes back.
    await eventually(async () => (await stateOf('p-1'))?.state === 'gone', { what: 'hosts that are gone' });
    expect(await alertsOf(hub)).toEqual([]);
    silent = [];
    await sleep(graceSeconds);
    expect((await stateOf('p-1'))?.state).toBe('ok');
    expect(await alertsOf(hub)).toEqual([]);
    expect(notices()).toEqual([]);
  });

  test('maintenance by a command beside the hub keeps quiet; what still holds when it ends is told then', async () => {
    const answer = await hub.command('maintenance', 'p-3,group=none', '--for', '1h', '--reason', 'new disks');
    const [id = ''] = answer.split('\t');
    expect(answer).toMatch(/1 host: p-3/);
    await eventually(async () => (await stateOf('p-3'))?.maintenance?.reason === 'new disks', { seconds: 5 });
    silent = ['p-3'];
    const alert = await eventually(async () => (await alertsOf(hub, 'phase=firing'))[0]);
    expect(alert).toMatchObject({ rule: 'host-gone', quiet: { kind: 'maintenance', reason: 'new disks' } });
    expect(await metric(hub, 'host-gone')).toBe(0);
    expect(await hub.getText('/metrics')).not.toMatch(/^gpufleet_host_alert\{/m);
    expect(await hub.command('maintenance', 'list')).toContain('new disks');
    await sleep(1.5);
    expect(notices()).toEqual([]);
    await expect(hub.command('maintenance', 'end', 'nope')).rejects.toThrow(/There is no maintenance nope/);
    expect(await hub.command('maintenance', 'end', id)).toBe(`ended ${id}`);
    await eventually(() => notices().length > 0, { seconds: 5, what: 'the notice' });
    expect(notices()).toEqual(['firing p-3']);
    expect(await hub.getText('/metrics')).toMatch(/^gpufleet_host_alert\{host="p-3",alert="host-gone"\} 1$/m);
    expect((await stateOf('p-3'))?.maintenance).toBeNull();
    silent = [];
    await eventually(() => notices().length === 2);
    expect(notices()).toEqual(['firing p-3', 'resolved p-3']);
  });

  test('a hub killed between failing deliveries still delivers, under the same id and nothing twice', async () => {
    receiver.answers = [{ status: 503 }, { status: 503 }];
    silent = ['p-5'];
    const before = receiver.received.length;
    await eventually(() => receiver.received.length === before + 2, { what: 'two failed attempts' });
    await hub.kill();
    await hub.start();
    await eventually(() => receiver.received.length === before + 3, { what: 'the delivery' });
    await sleep(2);
    const sent = receiver.received.slice(before);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
    const [alert] = await alertsOf(hub, `phase=firing&host=${hostId('p-5')}`);
    expect(alert?.id).toBe(sent[0]?.body.alerts[0]?.id);
  });

  test('removing a host ends its alert, and its notice follows', async () => {
    const admin = await hub.apiToken('admin');
    expect((await ask(hub, admin, 'DELETE', `/api/v1/hosts/${hostId('p-5')}`)).status).toBe(204);
    await eventually(() => notices().at(-1) === 'resolved p-5');
    expect((await alertsOf(hub, 'phase=resolved&limit=1'))[0]).toMatchObject({
      resolution: 'the host was removed',
    });
  });

  test('a silence by the API, and what is refused', async () => {
    const operator = await hub.apiToken('operator');
    const post = (body: object) => ask(hub, operator, 'POST', '/api/v1/silences', body);
    for (const body of [
      { kind: 'silence', hosts: [], forSeconds: 60 },
      { kind: 'silence', hosts: ['*'], forSeconds: 0 },
      { kind: 'silence', hosts: ['*'], forSeconds: 1e12 },
      { kind: 'silence', hosts: ['*'], rule: 'nothing', forSeconds: 60 },
      { kind: 'silence', hosts: ['*'], matchers: ['gpu'], forSeconds: 60 },
      { kind: 'maintenance', hosts: ['*'], matchers: ['gpu=3'], forSeconds: 60 },
      { kind: 'maintenance', hosts: ['*'], rule: 'host-gone', forSeconds: 60 },
    ])
      expect((await post(body)).status, JSON.stringify(body)).toBe(422);
    const made = await post({ kind: 'silence', hosts: ['rack=a1'], rule: 'host-gone', forSeconds: 3600 });
    const silence = JSON.parse(made.body) as SilenceView;
    expect(silence).toMatchObject({ state: 'active', endedAt: null });
    expect(silence.matches.map(({ hostname }) => hostname)).toEqual(['p-1', 'p-2', 'p-3', 'p-4']);
    expect((await ask(hub, operator, 'DELETE', `/api/v1/silences/${silence.id}`)).status).toBe(204);
    expect((await ask(hub, operator, 'DELETE', `/api/v1/silences/${silence.id}`)).status).toBe(409);
    const pages = await hub.getJson<Page<Alert>>('/api/v1/alerts?limit=1');
    const next = await hub.getJson<Page<Alert>>(`/api/v1/alerts?limit=1&cursor=${pages.nextCursor}`);
    expect(next.items[0]?.id).not.toBe(pages.items[0]?.id);
    expect((await hub.get('/api/v1/alerts?cursor=zzz')).status).toBe(400);
  });
});
