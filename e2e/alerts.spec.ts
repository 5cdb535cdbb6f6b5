import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, expect, test } from '@playwright/test';
import { openGuestState } from '../lib/hub/data-folder.ts';
import type { Alert, Page as ApiPage } from '../lib/model/index.ts';
import { startFailingHosts } from './integration/support/failing-hosts.ts';
import { patience } from './integration/support/patience.ts';
import { hostId, send } from './integration/support/pusher.ts';
import { type Receiver, startReceiver } from './integration/support/receiver.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { looksRight, sidewaysScroll, sizes } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const names = ['gpu-01', 'gpu-02', 'gpu-03', 'gpu-04'] as const;
const silent = new Set<string>();
/** Hosts whose driver asks for a reset of their first GPU. */
const broken = new Set<string>();
let hub: TestHub;
let receiver: Receiver;
let admin: BrowserContext;

/** The browser of someone of a lower role. */
async function as(browser: Browser, role: 'operator' | 'viewer'): Promise<BrowserContext> {
  const state = await openGuestState(hub.dataFolder);
  await state.addUser({
    id: role,
    name: role,
    role,
    createdAt: new Date().toISOString(),
    passwordHash: null,
    disabledAt: null,
    lastSeenAt: null,
  });
  await state.close();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${hub.url}${new URL(await hub.command('user', 'login-link', role)).pathname}`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  await page.close();
  return context;
}

const firing = async (): Promise<readonly Alert[]> =>
  (await hub.getJson<ApiPage<Alert>>('/api/v1/alerts?phase=firing')).items;

test.beforeAll(async ({ browser }) => {
  receiver = await startReceiver(cleanup);
  const times = ['--alert-host-gone-after', '3s', '--alert-clear-after', '2s', '--alert-group-wait', '0s'];
  hub = await startTestHub(cleanup, { withPages: true, options: ['--interval', '1s', ...times] });
  await startFailingHosts(cleanup, hub, {
    names,
    everyMilliseconds: 500,
    isBroken: (name) => broken.has(name),
    isSilent: (name) => silent.has(name),
    labelsOf: () => ({ group: 'lab' }),
  });
  admin = await browser.newContext();
  await signIn(admin, hub);
});
test.afterAll(() => cleanup.run());

test('an empty page says what is watched; a channel is added, tested and shown', async () => {
  const page = await admin.newPage();
  await page.goto(`${hub.url}/alerts`);
  await expect(page.getByText('Nothing fires', { exact: true })).toBeVisible();
  await expect(page.getByText('hub-or-network')).toBeVisible();
  await page.getByRole('tab', { name: 'Channels' }).click();
  await expect(page).toHaveURL(/tab=channels/);
  await page.getByRole('button', { name: 'New channel…' }).click();
  await page.getByLabel('Name').fill('ops');
  await page.getByLabel('Address').fill('http://user:secret@127.0.0.1/');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('user or password');
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Send a test to ops' }).click();
  await expect(page.getByText(/^Delivered: it answered 204/)).toBeVisible();
  expect(receiver.received.at(-1)?.body.event).toBe('test');
  expect(await page.content()).not.toContain('hush');
  await page.close();
});

test('an alert shows within seconds on an open page, and in the bar; it has an address', async () => {
  const page = await admin.newPage();
  await page.goto(`${hub.url}/alerts`);
  silent.add('gpu-02');
  const card = page.locator('[data-alert]').filter({ hasText: 'gpu-02 stopped reporting' });
  await expect(card.getByTestId('alert-state')).toHaveText('critical', { timeout: 20_000 * patience });
  await expect(page.getByTestId('firing-count')).toHaveText('1 firing');
  await card.getByRole('link', { name: /stopped reporting/ }).click();
  await expect(page).toHaveURL(/\/alerts\/[0-9a-f]{16}$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('gpu-02 stopped reporting');
  await expect(page.getByRole('cell', { name: 'firing: delivered' })).toBeVisible({ timeout: 10_000 });
  await page.goto(`${hub.url}/`);
  const needs = page.getByRole('region', { name: 'Needs you' });
  await expect(needs.getByRole('link', { name: /gpu-02/ })).toHaveCount(1);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page).toHaveURL(/\/alerts$/);
  await page.keyboard.press('/');
  await page.getByRole('dialog').getByRole('combobox').fill('stopped gpu-02');
  await expect(page.getByRole('option', { name: /^alert.*gpu-02 stopped reporting.*firing/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/alerts\/[0-9a-f]{16}$/);
  await page.close();
});

test('an operator acknowledges and silences, by keyboard alone; a viewer sees it and has no buttons', async ({
  browser,
}) => {
  const operator = await as(browser, 'operator');
  const page = await operator.newPage();
  await page.goto(`${hub.url}/alerts`);
  const card = page.locator('[data-alert]').filter({ hasText: 'gpu-02' });
  await card.getByRole('button', { name: /^Acknowledge/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Note').fill('power supply');
  await page.keyboard.press('Enter');
  await expect(card.getByText(/Acknowledged by user operator .*: power supply/)).toBeVisible();
  await card.getByRole('button', { name: /^Silence/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('For').selectOption('1 hour');
  await page.getByLabel('Reason').fill('part ordered');
  await page.getByLabel('Reason').press('Enter');
  await expect(card.getByTestId('alert-state')).toHaveText('silenced');
  await expect(card.getByText(/Silenced until .*part ordered/)).toBeVisible();
  await expect(page.getByTestId('firing-count')).toHaveCount(0);
  await expect(page.getByRole('tab', { name: 'Channels' })).toHaveCount(0);

  const viewer = await as(browser, 'viewer');
  const seen = await viewer.newPage();
  await seen.goto(`${hub.url}/alerts`);
  await expect(seen.locator('[data-alert]').getByTestId('alert-state')).toHaveText('silenced');
  for (const name of [/Acknowledge/, /Silence/, /Take the/, /End now/, /maintenance…/])
    await expect(seen.getByRole('button', { name })).toHaveCount(0);
  await seen.getByRole('tab', { name: /Silences/ }).click();
  await expect(seen.getByText('Operators start and end these.')).toBeVisible();
  await expect(seen.getByText('part ordered')).toBeVisible();
  await expect(seen.getByRole('button', { name: /End/ })).toHaveCount(0);
  await viewer.close();

  await page.getByRole('tab', { name: /Silences/ }).click();
  await page.getByRole('button', { name: /^End the silence/ }).click();
  await expect(page.getByText(/over$/)).toBeVisible();
  await operator.close();
});

test('maintenance keeps quiet and is shown on the host, its list and the Fleet page; what is over is history', async () => {
  const page = await admin.newPage();
  await page.goto(`${hub.url}/alerts?tab=silences`);
  await page.getByRole('button', { name: 'Start maintenance…' }).click();
  await page.getByLabel('Hosts').fill('gpu-03, group=nothing');
  await page.getByLabel('Reason').fill('new disks');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByText('maintenance, active')).toBeVisible();
  await page.goto(`${hub.url}/hosts/${hostId('gpu-03')}`);
  await expect(page.getByTestId('host-maintenance')).toHaveText('in maintenance');
  silent.add('gpu-03');
  await page.goto(`${hub.url}/alerts`);
  const card = page.locator('[data-alert]').filter({ hasText: 'gpu-03' });
  await expect(card.getByTestId('alert-state')).toHaveText('in maintenance', { timeout: 20_000 * patience });
  await page.goto(`${hub.url}/`);
  await expect(page.getByText('In maintenance: gpu-03')).toBeVisible();
  await expect(page.getByRole('link', { name: /gpu-03.*stopped/ })).toHaveCount(0);
  silent.clear();
  await eventually(async () => (await firing()).length === 0, { what: 'nothing to fire' });
  await page.goto(`${hub.url}/alerts?tab=history`);
  await expect(page.getByRole('row', { name: /gpu-02 stopped reporting/ })).toContainText(
    'the host reports again',
  );
  await expect(page.getByRole('img', { name: /then firing for .*, then resolved/ }).first()).toBeVisible();
  await page.getByLabel('Filter: host, rule, words').fill('gpu-03 reporting');
  await expect(page).toHaveURL(/q=gpu-03/);
  await expect(page.getByRole('row', { name: /gpu-02/ })).toHaveCount(0);
  await page.close();
});

test('rules: what each would fire, and one of one’s own before it is in the file', async () => {
  const page = await admin.newPage();
  await page.goto(`${hub.url}/alerts?tab=rules`);
  const ask = page.getByRole('button', { name: 'What would recovery-action fire?' });
  // Its words stand inside the button.
  expect(await ask.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0);
  await ask.click();
  const result = page.locator('[data-preview="recovery-action"]');
  await expect(result.getByText('Now: nothing')).toBeVisible();
  await expect(result.getByText(/As it fired/)).toBeVisible();
  const text = page.getByLabel(/As it would stand in the fleet file/);
  await text.fill('alerts:\n  own:\n    x:\n      field: gpu.nothing\n      above: 1\n');
  await page.getByRole('button', { name: 'What would fire?', exact: true }).last().click();
  await expect(page.getByRole('alert').getByText(/^line 4.*is none of gpu\.utilization/)).toBeVisible();
  await text.fill('alerts: { own: { many: { field: gpu.temperature, above: 1, for: 1s } } }');
  await page.getByRole('button', { name: 'What would fire?', exact: true }).last().press('Enter');
  const own = page.locator('[data-preview="own:many"]');
  await expect(own.getByText(/^Now: \d+ alerts, once it held for 1\ss$/)).toBeVisible();
  await expect(own.getByText(/Judged by means of 5 minutes/)).toBeVisible();
  await expect(own.getByRole('link', { name: /gpu-01 GPU 0/ })).toBeVisible();
  await looksRight(page, 'the Rules tab');
  await page.close();
});

test('each kind of channel asks for what it needs, and says what is missing', async () => {
  const page = await admin.newPage();
  await page.goto(`${hub.url}/alerts?tab=channels`);
  await page.getByRole('button', { name: 'New channel…' }).click();
  const dialog = page.getByRole('dialog');
  for (const [kind, field] of [
    ['slack', 'Address of the incoming webhook'],
    ['pagerduty', 'Integration key'],
    ['ntfy', 'Address with the topic'],
    ['alertmanager', 'Addresses, a blank between'],
    ['heartbeat', 'Token'],
    ['mail', 'Mail server'],
  ] as const) {
    await dialog.getByLabel('Kind').selectOption(kind);
    await expect(dialog.getByLabel(field)).toBeVisible();
  }
  await dialog.getByLabel('Name').fill('night');
  await dialog.getByLabel('Mail server').fill('smtp://127.0.0.1:9');
  await dialog.getByLabel('To', { exact: true }).fill('nobody');
  await dialog.getByLabel('From').fill('gpufleet@example.com');
  await dialog.getByText('Templates').click();
  await looksRight(page, 'the dialog for mail');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await expect(dialog.getByText('"nobody" is no mail address.').first()).toBeVisible();
  await dialog.getByLabel('To', { exact: true }).fill('nobody@example.com');
  await dialog.getByRole('button', { name: 'Add' }).press('Enter');
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: 'Send a test to night' }).click();
  await expect(page.getByText(/^Not delivered: the mail server cannot be reached/)).toBeVisible();
  await page.getByRole('button', { name: 'Remove night' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('nobody@example.com')).toHaveCount(0);
  await page.close();
});

test('on a telephone: an alert of a GPU is seen, silenced, and seen again', async () => {
  const page = await admin.newPage();
  await page.setViewportSize(sizes.narrow);
  await page.goto(`${hub.url}/alerts`);
  broken.add('gpu-01');
  const card = page.locator('[data-alert]').filter({ hasText: 'gpu-01 GPU 0: The driver asks for "Reset"' });
  await expect(card.getByTestId('alert-state')).toHaveText('critical', { timeout: 20_000 * patience });
  await expect(page.getByText('Drain the GPU, then reset it')).toBeVisible();
  await card.getByRole('button', { name: /^Silence/ }).click();
  await page.getByLabel('Reason').fill('at lunch');
  await page.getByRole('dialog').getByRole('button', { name: 'Silence' }).click();
  await expect(card.getByTestId('alert-state')).toHaveText('silenced');
  // The tab and the heading count the same: what is silenced does not fire.
  await expect(async () => {
    const tab = await page.getByRole('tab', { name: /Firing/ }).textContent();
    const heading = await page
      .locator('main')
      .getByText(/^(\d+ firing|nothing fires)$/)
      .textContent();
    expect(/\d+/.exec(tab ?? '')?.[0] ?? '').toBe(/\d+/.exec(heading ?? '')?.[0] ?? '');
  }).toPass({ timeout: 10_000 });
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  await page.getByRole('tab', { name: /Silences/ }).click();
  await page
    .getByRole('button', { name: /^End the silence/ })
    .first()
    .click();
  await page.getByRole('tab', { name: /Firing/ }).click();
  await expect(card.getByTestId('alert-state')).toHaveText('critical', { timeout: 20_000 * patience });
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  broken.clear();
  await expect(card).toHaveCount(0, { timeout: 20_000 * patience });
  await page.close();
});

test('axe finds nothing in either theme, nothing scrolls sideways, and each table can be exported', async () => {
  silent.add('gpu-04');
  const [alert] = await eventually(async () => {
    const items = await firing();
    return items.length > 0 && items;
  });
  const page = await admin.newPage();
  const exports = [
    ['', 'Export', /\r\n[0-9a-f]{16},firing,critical,host-gone,/],
    ['?tab=history', 'Export', /gpu-02 stopped reporting.*the host reports again/],
    ['?tab=silences', 'Export', /maintenance,over,|maintenance,active,/],
    ['?tab=channels', 'Export', /\r\nops,webhook,http/],
    ['?tab=rules', 'Export', /\r\ngpu-lost,(?:true|yes),critical,15,/],
    [`/${alert?.id}`, 'Export who was told', /,ops,firing,delivered,/],
  ] as const;
  for (const [path, button, row] of exports) {
    await page.goto(`${hub.url}/alerts${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await looksRight(page, `/alerts${path}`);
    await page.getByRole('button', { name: button, exact: true }).press('Enter');
    await expect(page.getByTestId('export-curl')).toContainText(`${hub.url}/api/v1/`);
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).press('Enter');
    expect(readFileSync(await (await waiting).path(), 'utf8'), path).toMatch(row);
    await page.keyboard.press('Escape');
  }
  await page.goto(`${hub.url}/alerts`);
  for (const name of [/^Acknowledge/, /^Silence/]) {
    await page.getByRole('button', { name }).first().press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await looksRight(page, `the dialog ${name}`);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await page.close();
});

test('an address that is none says so', async () => {
  const page = await admin.newPage();
  const answer = await page.goto(`${hub.url}/alerts/nothing`);
  expect(answer?.status()).toBe(404);
  await page.goto(`${hub.url}/alerts?tab=history&cursor=broken`);
  await expect(page.getByRole('heading', { level: 1, name: 'Alerts' })).toBeVisible();
  expect((await send(`${hub.url}/alerts`, { method: 'GET' })).status).toBe(303);
  await page.close();
});
