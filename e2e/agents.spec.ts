import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { AgentCode, AgentsView, AgentUpgrade, PushAnswer, UpgradeOffer } from '../lib/model/index.ts';
import { pushFixture, reportFixture } from '../lib/protocol/push-fixture.ts';
import { enroll, hostId, pushOnce } from './integration/support/pusher.ts';
import { Cleanup } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { pressOn } from './support/keyboard.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let token: string;
let context: BrowserContext;
let page: Page;
let sequence = 0;
const credentials = new Map<string, string>();
const oldSha256 = 'b'.repeat(64);

/** One push of a host as its agent sends it; gives what the hub offers. */
async function push(hostname: string, code: Partial<AgentCode> = {}): Promise<UpgradeOffer | null> {
  const id = hostId(hostname);
  const credential = credentials.get(hostname) ?? (await enroll(hub.url, token, hostname, id));
  credentials.set(hostname, credential);
  sequence += 1;
  const at = new Date().toISOString();
  const { agent } = pushFixture();
  const sent = pushFixture({
    host: { id, hostname, labels: { group: 'lab' } },
    sentAt: at,
    agent: {
      ...agent,
      epoch: hostname,
      code: { sha256: oldSha256, canUpgrade: true, access: 'gpu', upgrade: null, ...code },
    },
    reports: [reportFixture({ sequence, takenAt: at, intervalSeconds: 3600 })],
  });
  const answer = await pushOnce(hub.url, sent, { credential });
  expect(answer.status, answer.body).toBe(202);
  return (JSON.parse(answer.body) as PushAnswer).upgrade ?? null;
}

const upgrading = (offer: UpgradeOffer, state: AgentUpgrade['state'], message: string | null = null) => ({
  upgrade: { serial: offer.serial, version: offer.version, state, message },
});

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  token = await hub.enrollmentToken();
  for (const name of ['gpu-1', 'gpu-2', 'gpu-3']) await push(name);
  await push('played', { sha256: null, canUpgrade: false, access: null, isSimulated: true });
  context = await browser.newContext();
  await signIn(context, hub);
  page = await context.newPage();
  await page.goto(`${hub.url}/settings?tab=agents`);
});

test.afterAll(async () => {
  await context.close();
  await cleanup.run();
});

const row = (name: string) =>
  page.getByRole('table', { name: 'Agents' }).getByRole('row').filter({ hasText: name });
const placeOf = (name: string) =>
  page
    .getByRole('table', { name: /^Hosts of the upgrade/ })
    .getByRole('row')
    .filter({ hasText: name });

test('Settings lists what runs where, and who can be upgraded from here', async () => {
  await expect(page.getByRole('heading', { name: '4 agents' })).toBeVisible();
  await expect(row('gpu-1')).toContainText('can be upgraded from here');
  await expect(row('played')).toContainText('simulated agents cannot be upgraded');
  await page.getByLabel('Filter by host, group or version').fill('gpu-2');
  await expect(row('gpu-1')).toHaveCount(0);
  await expect(row('gpu-2')).toBeVisible();
  await page.getByLabel('Filter by host, group or version').fill('');
  await looksRight(page, page.url());
});

test('an administrator starts an upgrade by keyboard and follows it from host to host', async () => {
  await page.reload();
  await pressOn(page, page.getByRole('button', { name: 'Upgrade 3 hosts…' }));
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Upgrade' }));
  await expect(page.getByRole('heading', { name: /^Upgrade to .*: under way$/ })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '0 of 3 hosts done' })).toBeVisible();
  // The first batch is one host; the others are asked nothing yet.
  expect(await push('gpu-2')).toBeNull();
  const offer = await push('gpu-1');
  if (offer === null) throw new Error('the first host was not asked');
  await expect(placeOf('gpu-1')).toContainText('asked');

  // What holds it up is said; it goes on by itself.
  await push('gpu-1', upgrading(offer, 'fetching', 'disk full: it is tried again by itself'));
  await expect(placeOf('gpu-1')).toContainText('fetches');
  await expect(placeOf('gpu-1')).toContainText('disk full');
  await looksRight(page, 'an upgrade under way');
  await push('gpu-1', upgrading(offer, 'trial'));
  await expect(placeOf('gpu-1')).toContainText('on trial');
  await expect(placeOf('gpu-1')).not.toContainText('disk full');
  await push('gpu-1', { sha256: offer.sha256, ...upgrading(offer, 'done') });
  await expect(page.getByRole('status').filter({ hasText: '1 of 3 hosts done' })).toBeVisible();
  await expect(page.getByRole('progressbar', { name: 'Hosts that are done' })).toHaveAttribute(
    'aria-valuenow',
    '1',
  );
  await expect(row('gpu-1')).toContainText('runs this hub’s agent');
});

test('stopping it asks no further host, and leaves the others as they are', async () => {
  await pressOn(page, page.getByRole('button', { name: 'Stop', exact: true }));
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Stop' }));
  await expect(page.getByRole('heading', { name: /^Upgrade to .*: stopped$/ })).toBeVisible();
  await expect(page.getByText(/^stopped by user /)).toBeVisible();
  expect(await push('gpu-2')).toBeNull();
  const { rollouts } = await hub.getJson<AgentsView>('/api/v1/agents');
  expect(rollouts[0]).toMatchObject({ state: 'stopped' });
  expect(rollouts[0]?.hosts.map(({ hostname, state }) => [hostname, state])).toEqual([
    ['gpu-1', 'done'],
    ['gpu-2', 'waiting'],
    ['gpu-3', 'waiting'],
  ]);
});
