import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert, Channel, ChannelTest, Page } from '../../lib/model/index.ts';
import { type AlertmanagerServer, startAlertmanager } from './support/alertmanager-server.ts';
import { startFailingHosts } from './support/failing-hosts.ts';
import { type HttpReceiver, startHttpReceiver } from './support/http-receiver.ts';
import { type Mail, type MailServer, startMailServer } from './support/mail-server.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, sleep } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const names = ['c-1', 'c-2', 'c-3', 'c-4'] as const;
/** Hosts whose driver asks for a reset of their first GPU. */
let broken: readonly string[] = [];
/** Hosts that Slurm gives no work. */
let drained: readonly string[] = [];
let hub: TestHub;
let hook: HttpReceiver;
let alertmanager: AlertmanagerServer;
let mails: MailServer;
const receivers = {} as Record<'slack' | 'ntfy' | 'pagerduty' | 'hanging' | 'heartbeat', HttpReceiver>;
const channels = new Map<string, Channel>();
const tokens: string[] = [];
const mailUser = { name: 'gpufleet', password: 'correct horse' };

const ask = (path: string, body?: object, token = tokens[0] ?? '') =>
  send(`${hub.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const listed = async (): Promise<readonly Channel[]> => {
  const answer = await send(`${hub.url}/api/v1/channels`, {
    method: 'GET',
    headers: { authorization: `Bearer ${tokens[0]}` },
  });
  return (JSON.parse(answer.body) as { items: Channel[] }).items;
};

const hostsOf = (alerts: readonly { readonly labels: Readonly<Record<string, string>> }[]) =>
  alerts.map(({ labels }) => labels['host']).sort();

beforeAll(async () => {
  hook = await startHttpReceiver(cleanup);
  for (const name of ['slack', 'ntfy', 'pagerduty', 'hanging', 'heartbeat'] as const)
    receivers[name] = await startHttpReceiver(cleanup);
  mails = await startMailServer(cleanup, mailUser);
  alertmanager = await startAlertmanager(cleanup, hook.url);
  hub = await startTestHub(cleanup, {
    options: [
      ...['--interval', '1s', '--alert-clear-after', '1s', '--alert-group-wait', '2s'],
      ...['--alert-standing-every', '1s', '--public-url', 'https://hub.example'],
    ],
  });
  tokens.push(await hub.apiToken('admin'), await hub.apiToken('admin'));
  await startFailingHosts(cleanup, hub, {
    names,
    everyMilliseconds: 400,
    isBroken: (name) => broken.includes(name),
    labelsOf: (name) => ({ group: 'lab', ...(drained.includes(name) ? { 'slurm-state': 'drained' } : {}) }),
  });
});

test('a channel of each kind is made, what is wrong is said, and a test arrives', async () => {
  for (const [wanted, where] of [
    [{ kind: 'mail', name: 'x', url: 'http://x/' }, '/url'],
    [{ kind: 'mail', name: 'x', url: mails.url, options: { to: [], from: 'a@b' } }, '/options/to'],
    [
      { kind: 'mail', name: 'x', url: mails.url, options: { to: ['a@b', 'nobody'], from: 'a@b' } },
      '/options/to',
    ],
    [{ kind: 'pagerduty', name: 'x', url: '' }, '/secret'],
    [{ kind: 'ntfy', name: 'x', url: 'https://ntfy.sh/' }, '/url'],
    [{ kind: 'alertmanager', name: 'x', url: 'nothing' }, '/url'],
    [{ kind: 'slack', name: 'x', url: 'http://x/', options: { title: '{nothing}' } }, '/options/title'],
  ] as const) {
    const refused = await ask('/api/v1/channels', wanted);
    expect([wanted, refused.status]).toEqual([wanted, 422]);
    expect(refused.body).toContain(where);
  }
  const options = {
    to: ['ops@example.com', 'night@example.com'],
    from: 'gpufleet@example.com',
    user: mailUser.name,
  };
  for (const wanted of [
    { kind: 'alertmanager', name: 'am', url: alertmanager.url },
    { kind: 'slack', name: 'chat', url: `${receivers.slack.url}/services/T0/B0/verysecret` },
    { kind: 'ntfy', name: 'push', url: `${receivers.ntfy.url}/gpu-alerts`, secret: 'tk_verysecret' },
    { kind: 'pagerduty', name: 'pager', url: receivers.pagerduty.url, secret: 'verysecret-routing' },
    { kind: 'mail', name: 'mail', url: mails.url, secret: mailUser.password, options },
    { kind: 'webhook', name: 'hanging', url: receivers.hanging.url },
    { kind: 'heartbeat', name: 'beat', url: `${receivers.heartbeat.url}/ping/verysecret` },
  ]) {
    const made = await ask('/api/v1/channels', wanted);
    expect([wanted.name, made.status, made.body]).toEqual([wanted.name, 200, expect.any(String)]);
    expect(made.body).not.toMatch(/verysecret|horse/);
    channels.set(wanted.name, JSON.parse(made.body) as Channel);
  }
  for (const [at, channel] of [...channels.values()].entries()) {
    const tested = await ask(`/api/v1/channels/${channel.id}/test`, undefined, tokens[at % 2]);
    expect([channel.name, JSON.parse(tested.body) as ChannelTest]).toMatchObject([
      channel.name,
      { delivered: true },
    ]);
  }
  expect(mails.mails[0]).toMatchObject({ user: mailUser.name, to: options.to });
  expect(mails.mails[0]?.headers.get('subject')).toMatch(/^\[test\] Test of channel mail/);
  expect(receivers.ntfy.requests[0]).toMatchObject({
    path: '/',
    headers: { authorization: 'Bearer tk_verysecret' },
    body: { topic: 'gpu-alerts', title: expect.stringContaining('[test]') },
  });
  expect(receivers.pagerduty.requests.map(({ body }) => body.event_action)).toEqual(['trigger', 'resolve']);
  await eventually(async () =>
    (await alertmanager.active()).some(({ labels }) => labels['alertname'] === 'GpufleetTest'),
  );
});

test('hosts of one cause are one message each way; what fails is tried again and holds nobody up', async () => {
  const before = Object.fromEntries(
    Object.entries(receivers).map(([name, { requests }]) => [name, requests.length]),
  );
  const newOf = (name: keyof typeof receivers) => receivers[name].requests.slice(before[name]);
  receivers.hanging.usual = 'hang';
  receivers.slack.manners = [500, 'half-way', 503];
  mails.refusals.push({ code: 451, message: 'come back later' });
  broken = ['c-1', 'c-2', 'c-3'];
  await eventually(() => newOf('slack').length >= 4, { what: 'the fourth attempt at the chat' });
  await eventually(() => mails.mails.length >= 2, { what: 'the mail' });
  await eventually(() => newOf('pagerduty').length >= 1 && newOf('ntfy').length >= 1);
  // The one that hangs has not even been given up once.
  expect(newOf('hanging')).toHaveLength(1);

  const chat = newOf('slack');
  expect(new Set(chat.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(chat[0]?.body).toMatchObject({
    text: '[firing] c-1 GPU 0: The driver asks for "Reset" and 2 more',
    attachments: [
      { title: 'The driver asks for "Reset"', color: '#b3261e', title_link: 'https://hub.example/alerts' },
    ],
  });
  for (const name of ['c-1', 'c-2', 'c-3'])
    expect(chat[0]?.body.attachments[0].text).toContain(`${name} GPU 0: The driver asks for "Reset"`);

  const mail = mails.mails[1];
  expect(mail?.headers.get('subject')).toBe('[firing] c-1 GPU 0: The driver asks for "Reset" and 2 more');
  expect(mail?.headers.get('message-id')).toMatch(/^<ntc_[\w-]+@gpufleet>$/);
  expect(mail?.text).toContain('nvidia-smi --gpu-reset');
  expect(mail?.text).toMatch(/https:\/\/hub\.example\/alerts\/[0-9a-f]{16}/);

  expect(newOf('ntfy')).toHaveLength(1);
  expect(newOf('ntfy')[0]?.body).toMatchObject({
    topic: 'gpu-alerts',
    priority: 5,
    click: 'https://hub.example/alerts',
  });
  expect(newOf('pagerduty')).toHaveLength(1);
  expect(newOf('pagerduty')[0]?.body).toMatchObject({
    routing_key: 'verysecret-routing',
    event_action: 'trigger',
    dedup_key: expect.stringMatching(/^ntc_/),
    payload: { severity: 'critical', class: 'recovery-action', group: 'The driver asks for "Reset"' },
  });

  const active = await eventually(async () => {
    const told = (await alertmanager.active()).filter(({ labels }) => labels['alertname'] !== 'GpufleetTest');
    return told.length === 3 && told;
  });
  expect(hostsOf(active)).toEqual(['c-1', 'c-2', 'c-3']);
  expect(active[0]).toMatchObject({
    labels: { alertname: 'GpufleetRecoveryAction', severity: 'critical', gpu: '0' },
    generatorURL: expect.stringMatching(/^https:\/\/hub\.example\/alerts\/[0-9a-f]{16}$/),
  });
  const ids = (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=firing&rule=recovery-action')).items.map(
    ({ id }) => id,
  );
  expect(active.map(({ labels }) => labels['gpufleet_id']).sort()).toEqual([...ids].sort());
  await eventually(() => hook.requests.some(({ body }) => body.alerts?.length === 3), {
    what: "Alertmanager's own message about all three",
  });
});

test('an Alertmanager that was away shows exactly what fires when it is back', async () => {
  await alertmanager.kill();
  broken = ['c-2', 'c-3', 'c-4'];
  await eventually(async () => {
    const firing = (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=firing&rule=recovery-action')).items;
    return (
      firing
        .map(({ hosts }) => hosts[0]?.hostname)
        .sort()
        .join() === 'c-2,c-3,c-4'
    );
  });
  await eventually(
    async () => (await listed()).find(({ name }) => name === 'am')?.health.state === 'failing',
  );
  await alertmanager.start();
  await eventually(async () => hostsOf(await alertmanager.active()).join() === 'c-2,c-3,c-4', {
    seconds: 20,
    what: 'Alertmanager to show what fires',
  });
  expect((await listed()).find(({ name }) => name === 'am')?.health).toMatchObject({
    state: 'ok',
    failingSince: null,
  });
});

test('what is over is told as over: each mail refers to its first, each incident closes when all of it is over', async () => {
  const [first] = receivers.pagerduty.requests.filter(
    ({ body }) => body.group !== null && body.payload?.class === 'recovery-action',
  );
  const key: string = first?.body.dedup_key;
  const closed = () =>
    receivers.pagerduty.requests.filter(
      ({ body }) => body.event_action === 'resolve' && body.dedup_key === key,
    ).length;
  // c-1 is over since a while, and its incident has others.
  const subject = (mail: Mail) => mail.headers.get('subject') ?? '';
  await eventually(() => mails.mails.some((mail) => /^\[resolved\] c-1/.test(subject(mail))));
  expect(closed()).toBe(0);
  broken = [];
  await eventually(() => closed() >= 1, { seconds: 30, what: 'the end of the incident' });
  expect(closed()).toBe(1);
  const ofSecond = (mail: Mail) => /^\[resolved\] c-[23]/.test(subject(mail));
  await eventually(() => mails.mails.some(ofSecond));
  expect(mails.mails.find(ofSecond)?.headers.get('references')).toContain(
    mails.mails[1]?.headers.get('message-id'),
  );
  await eventually(
    async () => hostsOf(await alertmanager.active()).filter((host) => host !== undefined).length === 0,
    {
      what: 'Alertmanager to show nothing',
    },
  );
  await eventually(() => hook.requests.some(({ body }) => body.status === 'resolved'), {
    what: "Alertmanager's message that it is over",
  });
  await eventually(() => receivers.slack.requests.some(({ body }) => /^\[resolved\]/.test(body.text)));
});

test('a drained host alerts nobody, and what still holds when it is back is told then', async () => {
  const toChat = () =>
    receivers.slack.requests.filter(({ body }) => /^\[firing\] c-4/.test(body.text)).length;
  const before = toChat();
  drained = ['c-4'];
  await eventually(async () => (await hub.getText('/api/v1/hosts?q=c-4')).includes('slurm-state'));
  broken = ['c-4'];
  const alert = await eventually(async () =>
    (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=firing')).items.find(
      ({ rule }) => rule === 'recovery-action',
    ),
  );
  expect(alert?.quiet).toMatchObject({
    kind: 'out-of-service',
    until: null,
    reason: 'Slurm says that it is drained',
  });
  await sleep(3);
  expect(toChat()).toBe(before);
  expect(hostsOf(await alertmanager.active())).not.toContain('c-4');
  drained = [];
  await eventually(() => toChat() === before + 1, { what: 'the notice' });
  await eventually(async () => hostsOf(await alertmanager.active()).includes('c-4'));
  broken = [];
});

test('the heartbeat beats, a dead channel is said, and secrets are shown nowhere', async () => {
  const beats = () => receivers.heartbeat.requests.filter(({ body }) => body.event === 'heartbeat').length;
  const seen = beats();
  await eventually(() => beats() >= seen + 2, { what: 'two more beats' });
  const all = await listed();
  expect(all.find(({ name }) => name === 'hanging')?.health).toMatchObject({
    state: 'failing',
    lastError: expect.stringMatching(/did not answer/),
  });
  await eventually(async () =>
    (await hub.getJson<Page<Alert>>('/api/v1/alerts?phase=open')).items.some(
      ({ rule, what }) => rule === 'channel-dead' && what.includes('hanging'),
    ),
  );
  expect(JSON.stringify(all)).not.toMatch(/verysecret|horse/);
  expect(hub.output).not.toMatch(/verysecret|horse/);
});
