import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { ownRecording } from '../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../agents/access/simulated/simulated-agent.ts';
import type { Page as ApiPage, Baseline, ContainerView, VersionsView } from '../lib/model/index.ts';
import { join } from './integration/support/person.ts';
import { send } from './integration/support/pusher.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { pressOn, tabTo } from './support/keyboard.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const agents: SimulatedAgent[] = [];
let hub: TestHub;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;
let baseline: Baseline;
const cell = '/versions?cell=driver%3Alab';

const driver = async () =>
  (await hub.getJson<VersionsView>('/api/v1/versions?group=lab')).groups[0]?.cells.find(
    ({ facet }) => facet === 'driver',
  );

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true, options: ['--interval', '1s'] });
  const [token, recording] = await Promise.all([hub.enrollmentToken(), ownRecording('rtx4090x4')]);
  for (let number = 1; number <= 4; number += 1)
    agents.push(
      startSimulatedAgent({
        recording,
        hostname: `lab-${number}`,
        labels: { group: 'lab' },
        intervalSeconds: 1,
        hubUrl: hub.url,
        trust: { kind: 'system' },
        readToken: () => token,
        stateFolder: null,
        log: () => undefined,
      }),
    );
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
  baseline = await eventually(
    async () => {
      const found = await driver();
      return found?.told === 4 ? (found.baseline ?? undefined) : undefined;
    },
    { seconds: 60, what: 'an inferred baseline' },
  );
  agents[1]?.access.setFault({ kind: 'driver-replaced', driverVersion: '610.57.04' });
  await eventually(async () => (await driver())?.differ === 1, {
    seconds: 30,
    what: 'the host that drifted',
  });
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

const sheetOf = (page: Page) => page.getByTestId('cell-sheet');

test('the Fleet page says who drifted, and leads to who, from what, since when and what to do', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(hub.url);
  await page.getByRole('link', { name: /lab-2: drifted from driver/ }).click();
  await expect(page).toHaveURL(/\/versions\?cell=driver%3Alab$/);
  const row = sheetOf(page).getByRole('row', { name: /lab-2/ });
  await expect(row).toContainText(/610\.57\.04\s*newer/);
  await expect(row).toContainText(baseline.value);
  await expect(row.locator('time')).toHaveText(/ago/);
  await expect(sheetOf(page).locator('[data-layer=driver]')).toHaveAttribute('data-fault', 'true');
  await expect(sheetOf(page).locator('[data-layer=toolkit]')).toHaveAttribute('data-fault', 'false');
  await expect(sheetOf(page).getByText('Drain the host')).toBeVisible();
  await row.getByRole('link', { name: 'lab-2' }).click();
  await expect(page.getByRole('table', { name: /Software of lab-2/ })).toContainText(/610\.57\.04\s*differs/);
  await context.close();
});

test('a cell opens and closes by keyboard, and back and forth by the address', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/`);
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeAttached();
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await expect(page.getByRole('heading', { level: 1, name: 'Versions' })).toBeVisible();
  const link = page.locator('[data-cell="kernel:lab"]');
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Kernel in lab' })).toContainText('4 agree');
  await page.keyboard.press('Escape');
  await expect(sheetOf(page)).toHaveCount(0);
  await expect(page).toHaveURL(`${hub.url}/versions`);
  await link.click();
  await page.goBack();
  await expect(sheetOf(page)).toHaveCount(0);
  await page.getByRole('searchbox').fill('lab-2');
  await expect(page.locator('[data-cell="driver:lab"]')).toContainText('1 of 1 differs');
  await page.getByRole('searchbox').fill('nothing like it');
  await expect(page.getByText('No group matches')).toBeVisible();
  await context.close();
});

test('Versions and Containers, and their sheets, pass axe and do not scroll sideways', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const { items } = await hub.getJson<ApiPage<ContainerView>>('/api/v1/containers');
  const one = items[0];
  for (const path of [
    '/versions',
    '/versions?only=drift&issue=vulnerable-driver',
    '/changes',
    cell,
    `/hosts/${one?.hostId}?tab=stack`,
    '/containers?by=image',
    `/containers/${one?.hostId}/${one?.id}`,
  ]) {
    const page = await context.newPage();
    await page.goto(`${hub.url}${path}`);
    await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
    if (path.includes('tab=stack'))
      await expect(page.getByRole('table', { name: /^Software of/ })).toBeVisible();
    await looksRight(page, path);
    await page.close();
  }
  await context.close();
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])
  test(`from the Fleet page to the reason, to the timeline and to a baseline that ends it, ${viewport.width} wide`, async ({
    browser,
  }) => {
    const context = await browser.newContext({ storageState: signedIn, viewport });
    const page = await context.newPage();
    await page.goto(hub.url);
    await page.getByRole('link', { name: /lab-2: drifted from driver/ }).click();
    const sheet = sheetOf(page);
    await expect(sheet.getByText('Drain the host')).toBeVisible();
    await expect(sheet).toContainText(`driver ${baseline.value} → 610.57.04`);
    await sheet.getByRole('link', { name: 'Timeline' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Changes' })).toBeVisible();
    const event = page.locator('[data-event=driver]');
    await expect(event.getByRole('heading')).toContainText('Another driver was loaded on lab-2');
    await expect(event).toContainText(baseline.value);
    await page.goBack();
    await expect(sheet).toBeVisible();
    const both = `${baseline.value} | 610.57.04`;
    await sheet.getByRole('textbox').or(sheet.getByRole('combobox')).fill(both);
    await sheet.getByRole('button', { name: 'Set' }).click();
    await expect(sheet).toContainText('4 agree');
    expect(await driver()).toMatchObject({ differ: 0, baseline: { kind: 'accepted', value: both } });
    await page.keyboard.press('Escape');
    await page.goto(hub.url);
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeAttached();
    await expect(page.getByRole('link', { name: /drifted from driver/ })).toHaveCount(0);
    await page.goto(`${hub.url}${cell}`);
    await sheet.getByRole('button', { name: `Make ${baseline.value} the baseline` }).click();
    await expect(sheet).toContainText('3 agree · 1 differs');
    await sheet.getByRole('button', { name: 'Clear' }).click();
    await eventually(async () => (await driver())?.baseline?.kind === 'inferred', {
      seconds: 30,
      what: 'the baseline inferred anew',
    });
    await context.close();
  });

test('a container has an address, and shows the CUDA of its image beside that of the driver', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/containers?q=lab-3`);
  const { items } = await hub.getJson<ApiPage<ContainerView>>('/api/v1/containers?q=lab-3');
  const one = items.find(({ name }) => name !== null);
  await page.getByRole('link', { name: one?.name ?? '', exact: true }).click();
  await expect(page).toHaveURL(`${hub.url}/containers/${one?.hostId}/${one?.id}`);
  const own = page.getByTestId('owner-page');
  await expect(own.locator('[data-layer=driver]')).toContainText(`CUDA up to ${one?.hostCudaVersion}`);
  await expect(own.locator('[data-layer=container]')).toContainText(one?.cudaVersion ?? 'sets no');
  await context.close();
});

test('an operator accepts, sets and clears a baseline by keyboard alone; a viewer has no button', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}${cell}`);
  await pressOn(page, sheetOf(page).getByRole('button', { name: `Accept ${baseline.value}` }));
  await expect(sheetOf(page)).toContainText('accepted');
  expect((await driver())?.baseline).toMatchObject({ kind: 'accepted', value: baseline.value });
  await tabTo(page, sheetOf(page).getByRole('textbox').or(sheetOf(page).getByRole('combobox')));
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('610.57.04');
  await pressOn(page, sheetOf(page).getByRole('button', { name: 'Set' }));
  await expect(sheetOf(page)).toContainText('1 agree · 3 differ');
  await pressOn(page, sheetOf(page).getByRole('button', { name: 'Clear' }), 'Space');
  await expect(sheetOf(page)).toContainText('No baseline');
  expect((await driver())?.baseline).toBeNull();
  await context.close();

  // With a session, which the page's stream has too; a header is sent by the page alone.
  const admin = signedIn.cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
  const [name = '', value = ''] = (await join(hub, admin, { name: 'vera', role: 'viewer' })).split('=');
  const viewer = await browser.newContext();
  await viewer.addCookies([{ name, value, url: hub.url }]);
  const seen = await viewer.newPage();
  await seen.goto(`${hub.url}${cell}`);
  await expect(sheetOf(seen)).toContainText('lab-2');
  await expect(sheetOf(seen).getByRole('button', { name: /Accept|Set|Clear/ })).toHaveCount(0);
  await expect(sheetOf(seen)).toContainText('An operator may accept');
  await viewer.close();
});

test('who may not is told so, whatever the page shows', async () => {
  const viewer = await hub.apiToken('viewer');
  const answer = await send(`${hub.url}/api/v1/baselines`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${viewer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ group: 'lab', facet: 'driver', value: '1' }),
  });
  expect(answer.status).toBe(403);
});
