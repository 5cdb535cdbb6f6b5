import { readFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, OwnerRow, WasteReport } from '../lib/model/index.ts';
import { enroll, hostId, pushOnce } from './integration/support/pusher.ts';
import { Cleanup } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { looksRight, sizes } from './support/looks.ts';
import {
  containerId,
  crowdedHostname,
  crowdedPush,
  type OwnedReport,
  ownedHostname,
  ownedPush,
} from './support/owned-host.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let context: BrowserContext;

/** The month before this one, in which a container ended after an hour. */
const lastMonth = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 10, 12));
const month = lastMonth.toISOString().slice(0, 7);
const address = (key: string) => `/containers/${hostId(ownedHostname)}/${encodeURIComponent(key)}`;

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${hub.url}${path}`);
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  return page;
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, {
    withPages: true,
    options: ['--price-gpu-hour', '2', '--currency', 'EUR', '--retention-minute', '60d'],
  });
  const credential = await enroll(hub.url, await hub.enrollmentToken(), ownedHostname);
  const push = async (reports: readonly OwnedReport[]) =>
    expect((await pushOnce(hub.url, ownedPush(reports), { credential })).status).toBe(202);
  // An hour of last month by the minute, the container that ends in all of it; then now, without it.
  await push(
    Array.from({ length: 60 }, (_, minute) => ({
      sequence: minute + 1,
      at: new Date(lastMonth.getTime() + minute * 60_000),
      intervalSeconds: 60,
      hasGone: true,
    })),
  );
  await push([{ sequence: 100, at: new Date(), intervalSeconds: 3600, hasGone: false }]);
  context = await browser.newContext({ timezoneId: 'UTC' });
  await signIn(context, hub);
});
test.afterAll(async () => {
  await context.close();
  await cleanup.run();
});

const names = (page: Page) => page.locator('[data-row] [data-row-link]').allTextContents();

test('owners of every kind are listed, filtered and sorted, by the address too', async () => {
  const { items } = await hub.getJson<ApiPage<OwnerRow>>('/api/v1/owners');
  expect(items.map(({ name, runtime }) => `${name} ${runtime}`)).toEqual([
    'notebook docker',
    'reserved docker',
    'sweep slurm',
    'trainer docker',
  ]);
  const page = await open('/containers');
  await expect.poll(() => names(page)).toEqual(['notebook', 'reserved', 'sweep', 'trainer']);
  await expect(page.locator('[data-row*=slurm]')).toContainText('Slurm job');
  await expect(page.getByText('bob (inferred)').first()).toBeVisible();
  await expect(page.getByText('given 1 GPU, not all used')).toBeVisible();
  await page.getByRole('button', { name: 'GPU memory' }).click();
  await page.getByRole('button', { name: 'GPU memory' }).click();
  await expect(page).toHaveURL(/sort=-memory/);
  await page.mouse.move(0, 0);
  await expect.poll(() => names(page)).toEqual(['trainer', 'sweep', 'notebook', 'reserved']);
  await page.getByRole('combobox', { name: 'User' }).selectOption({ label: 'bob (2)' });
  await expect(page).toHaveURL(/person=bob/);
  await expect.poll(() => names(page)).toEqual(['notebook', 'reserved']);
  await page.getByRole('combobox', { name: 'Namespace' }).selectOption({ label: 'research (1)' });
  await expect.poll(() => names(page)).toEqual(['notebook']);
  await page.reload();
  await expect.poll(() => names(page)).toEqual(['notebook']);
  await expect(page.getByTestId('owner-count')).toHaveText('1 of 4');
  await page.goto(`${hub.url}/containers?runtime=slurm`);
  await expect.poll(() => names(page)).toEqual(['sweep']);
  await page.goto(`${hub.url}/containers?image=${encodeURIComponent('(none)')}&host=${ownedHostname}`);
  await expect.poll(() => names(page)).toEqual(['sweep']);
  await page.goto(`${hub.url}/containers?q=trainer`);
  await expect.poll(() => names(page)).toEqual(['trainer']);
  await page.close();
});

test('a container has a page: its GPUs, processes, grant and how it was started', async () => {
  const page = await open('/containers?q=trainer');
  await page.getByRole('link', { name: 'trainer', exact: true }).click();
  await expect(page).toHaveURL(`${hub.url}${address(containerId('trainer'))}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('trainer');
  await expect(page.getByRole('table', { name: 'What it uses of each GPU' })).toContainText('30.0 GiB');
  await expect(page.getByRole('table', { name: 'What it uses of each GPU' })).toContainText('45 %');
  const processes = page.getByRole('table', { name: 'Processes on GPUs' });
  await expect(processes).toContainText('--password ***');
  await expect(processes).not.toContainText('202');
  await expect(page.getByTestId('owner-page')).toContainText('0, by a device request (--gpus)');
  await expect(page.getByTestId('owner-page')).toContainText('python train.py --token ***');
  await page.goto(
    `${hub.url}/containers?c=${hostId(ownedHostname)}%2F${containerId('trainer').slice(0, 12)}`,
  );
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('trainer');
  await page.goto(`${hub.url}${address(containerId('reserved'))}`);
  await expect(page.getByTestId('grant-findings')).toContainText('reserved');
  await page.goto(`${hub.url}${address('slurm:4711')}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('sweep');
  await expect(page.getByTestId('owner-page')).toContainText("the job's user, from Slurm");
  await page.goto(`${hub.url}${address('slurm:1')}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing is at this address');
  await page.close();
});

test('the Host page shows who shares each GPU, what is nobody’s and what does not add up', async () => {
  const page = await open(`/hosts/${hostId(ownedHostname)}`);
  const [first, second] = [page.getByTestId('gpu-sharing').first(), page.getByTestId('gpu-sharing').nth(1)];
  await expect(first).toContainText(/trainer\s*30\.0\sGiB/);
  await expect(first).toContainText(/unattributed\s*1\.00\sGiB/);
  await expect(first).toContainText(/45\s% in all; GPU utilization 60\s%/);
  await expect(first).toContainText(/nobody’s\s*15\s%/);
  await expect(second).toContainText(/job sweep\s*20\.0\sGiB/);
  await expect(second).toContainText(/overcount: owners tell 1\.00\sGiB more than the GPU uses/);
  await expect(second).toContainText('overlap');
  await page.getByRole('tab', { name: /Containers/ }).click();
  await expect(page.getByRole('table', { name: 'Who else uses GPUs' })).toContainText('carol');
  await looksRight(page, 'the Host page');
  await page.close();
});

test('the report of a month adds up by owner and by user, changes with the idle time, and is a CSV', async () => {
  const report = await hub.getJson<WasteReport>(`/api/v1/waste?month=${month}`);
  expect(report.rows.map(({ name }) => name)).toEqual(['notebook', 'reserved', 'gone', 'sweep', 'trainer']);
  const hours = (name: string) => {
    const row = report.rows.find((each) => each.name === name);
    return [
      row?.occupiedSeconds,
      row?.grantedSeconds,
      row?.usedSeconds,
      row?.idleSeconds,
      row?.untoldSeconds,
    ];
  };
  expect(hours('trainer')).toEqual([3600, 3600, 3600, 0, 0]);
  expect(hours('notebook')).toEqual([3600, 3600, 0, 3600, 0]);
  expect(hours('reserved')).toEqual([3600, 3600, 0, 3600, 0]);
  expect(hours('sweep')).toEqual([3600, 0, 3600, 0, 0]);
  expect(report.total).toMatchObject({ occupiedSeconds: 18_000, idleSeconds: 7200, cost: 10, idleCost: 4 });
  // 300 W of both GPUs for an hour, divided over those who had them.
  expect(report.total.energyJoules).toBeCloseTo(2 * 300 * 3600, 0);

  const page = await open(`/waste?month=${month}`);
  const totals = page.getByTestId('waste-totals');
  await expect(totals).toContainText('5.00 h');
  await expect(totals).toContainText('2.00 h (40 %)');
  await expect(totals).toContainText('4.00 EUR');
  await expect(totals).toContainText('A GPU that two have counts for both');
  await page.getByRole('button', { name: 'User', exact: true }).first().click();
  await expect(page).toHaveURL(/by=person/);
  await expect(page.getByRole('row', { name: /^bob/ })).toContainText('2.00 h');
  await page.getByLabel('Idle after').selectOption({ label: '4 h' });
  await expect(totals).toContainText('0 h (0 %)');
  await page.getByLabel('Idle after').selectOption({ label: '1 h' });
  await expect(totals).toContainText('2.00 h (40 %)');
  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click();
  await expect(page.getByTestId('export-curl')).toContainText(
    `/api/v1/waste?month=${month}&by=person&idle=3600`,
  );
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const [head = '', ...rows] = readFileSync(await (await waiting).path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  expect(head).toContain('Idle (seconds)');
  expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
    ['bob', '2', '7200'],
    ['ada', '2', '7200'],
    ['carol', '1', '3600'],
  ]);
  await page.close();
});

test('a container that ended keeps its name and its history', async () => {
  const page = await open(`/waste?month=${month}`);
  await page.getByRole('link', { name: 'gone', exact: true }).click();
  await expect(page).toHaveURL(`${hub.url}${address(containerId('gone'))}`);
  await expect(page.getByTestId('owner-ended')).toContainText('It uses no GPU now');
  await expect(page.getByTestId('owner-page')).toContainText('registry.example/vision/trainer:4.2');
  await expect(page.getByTestId('owner-page')).toContainText('ada');
  const chart = page.getByRole('img', { name: 'GPU memory over time' });
  await expect(chart.locator('.recharts-line-curve')).toHaveCount(1);
  await expect(page.getByText('no readings in this range')).toHaveCount(0);
  await looksRight(page, 'a container that ended');
  await page.close();
});

test('the pages pass axe in both themes and fit both sizes; cards say what matters', async () => {
  for (const path of ['/containers?by=person', address(containerId('notebook')), `/waste?month=${month}`]) {
    const page = await open(path);
    await looksRight(page, path);
    await page.close();
  }
  const page = await open('/containers');
  await page.setViewportSize(sizes.narrow);
  const card = page.locator('[data-row]').filter({ hasText: 'trainer' }).first();
  await expect(card).toContainText('ada');
  await expect(card).toContainText('30.0 GiB');
  await expect(card).toContainText('45 %');
  await card.getByRole('link', { name: 'trainer', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('trainer');
  await page.close();
});

test('a list longer than the window keeps the rows that stay in view while it is scrolled', async () => {
  const credential = await enroll(hub.url, await hub.enrollmentToken(), crowdedHostname);
  expect((await pushOnce(hub.url, crowdedPush(400), { credential })).status).toBe(202);
  const page = await open(`/containers?host=${crowdedHostname}`);
  await expect(page.getByTestId('owner-count')).toHaveText('400 of 404');
  const rows = page.locator('tr[data-row]');
  const row = (index: number) => page.locator(`tr[data-index="${index}"]`);
  await expect(row(20)).toBeAttached();
  expect(await rows.count()).toBeLessThan(100);
  // A mark on the element itself: one that was made anew has none.
  await rows.evaluateAll((all) => {
    for (const each of all) each.setAttribute('data-seen', '');
  });
  await row(20).scrollIntoViewIfNeeded();
  await page.mouse.move(700, 500);
  await page.mouse.wheel(0, 200);
  await expect(page.locator('tr[data-row]:not([data-seen])').first()).toBeAttached();
  await expect(row(20)).toHaveAttribute('data-seen', '');
  // And each has its place, to the last one.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await expect(row(399)).toBeInViewport();
  await expect(row(20)).toHaveCount(0);
  await page.close();
});
