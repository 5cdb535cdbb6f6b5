import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { ownRecording } from '../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../agents/access/simulated/simulated-agent.ts';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let agent: SimulatedAgent;
let hub: TestHub;
let host: HostSummary;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true, options: ['--interval', '1s'] });
  const [token, recording] = await Promise.all([hub.enrollmentToken(), ownRecording('h100x8')]);
  agent = startSimulatedAgent({
    recording,
    hostname: 'gpu-xid',
    settings: {
      set: { '5': { 'clocks_event_reasons.hw_thermal_slowdown': 'Active', 'temperature.gpu': 92 } },
    },
    intervalSeconds: 1,
    hubUrl: hub.url,
    trust: { kind: 'system' },
    readToken: () => token,
    stateFolder: null,
    log: () => undefined,
  });
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
  host = await eventually(
    async () =>
      (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts')).items.find(({ state }) => state === 'ok'),
    { seconds: 60, what: 'the host' },
  );
});

test.afterAll(async () => {
  await agent.stop();
  await cleanup.run();
});

async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`,
  );
}

test('an Xid shows on the open page of its host within three intervals, with what to do and where it says so', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}?tab=faults`);
  const faults = page.getByRole('tabpanel', { name: /Faults/ });
  await expect(faults.getByTestId('kernel-log')).toHaveText(/since the host booted/);
  await expect(faults.getByRole('row').filter({ hasText: 'Slowed down by heat' })).toContainText('at 92 °C');
  await expect(faults.getByText('Xid 95')).toHaveCount(0);
  agent.access.setFault({ kind: 'xid', xid: 95, gpu: 2 });
  const row = faults.getByRole('row').filter({ hasText: 'Xid 95: Uncontained memory error' });
  await expect(row).toBeVisible();
  await expect(row).toContainText('critical');
  await expect(row).toContainText('stop all that runs on the GPU and reset it');
  await expect(row.getByRole('link', { name: /NVIDIA on this/ })).toHaveAttribute(
    'href',
    /^https:\/\/docs\.nvidia\.com/,
  );
  await expect(
    faults.getByRole('table', { name: 'Time for which each reason held clocks down' }),
  ).toContainText('heat');
  expect(await axeFindings(page)).toEqual([]);

  await row.getByRole('link', { name: 'GPU 2' }).click();
  await expect(page.getByRole('heading', { name: 'Faults (1)' })).toBeVisible();
  await expect(page.getByText('Xid 95: Uncontained memory error')).toBeVisible();
  await context.close();
});

test('the Fleet page says that it needs someone, one click from the GPU', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(hub.url);
  const needs = page.getByRole('region', { name: 'Needs you' });
  await needs.getByRole('link', { name: /gpu-xid GPU 2: Xid 95/ }).click();
  // An alert of it leads there too.
  await expect(page).toHaveURL(/\/(?:gpus|alerts)\//);
  await expect(page.getByText(/Xid 95/).first()).toBeVisible();
  await context.close();
});

test('"only unusual" keeps it and says why, and so do its host and the lists', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/?only=unusual`);
  const why = page.getByRole('region', { name: 'Why these are unusual' });
  await expect(why.getByText('GPU fault')).toBeVisible();
  await expect(why.getByText('Xid 95: Uncontained memory error')).toBeVisible();
  // The hot one says it too, in words and not by its colour alone.
  await expect(why.getByText('Slowed down by heat')).toBeVisible();
  await page.getByText('The same as a table').click();
  await expect(page.getByRole('row').filter({ hasText: 'Xid 95' })).toContainText('GPU fault');

  await page.goto(`${hub.url}/gpus`);
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'gpu-xid · 2' }) });
  await expect(row).toContainText('Xid 95: Uncontained memory error');

  await page.goto(`${hub.url}/hosts`);
  await expect(page.getByRole('row').filter({ hasText: 'gpu-xid' })).toContainText(
    'GPU 2: Xid 95: Uncontained memory error',
  );
  await expect(page.getByRole('columnheader', { name: 'State' })).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'driver hung' });
  await expect(page).toHaveURL(/state=driver-hung/);
  await expect(page.getByText('No host matches the filter')).toBeVisible();
  await page.reload();
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'not well' });
  await page.getByRole('link', { name: 'gpu-xid' }).click();

  const verdict = page.getByTestId('host-verdict');
  await expect(verdict).toContainText('GPU 2: Xid 95: Uncontained memory error');
  await expect(page.getByTestId('gpu-faults').first()).toContainText('Xid 95');
  await verdict.getByRole('link', { name: /Faults/ }).click();
  await expect(page).toHaveURL(/tab=faults/);
  await expect(page.getByRole('tab', { name: /Faults \d/ })).toHaveAttribute('data-state', 'active');
  await context.close();
});

test('a lost GPU says since when, and not that it reported now', async ({ browser }) => {
  agent.access.setFault({ kind: 'gpu-lost', gpu: 4 });
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/gpus`);
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'gpu-xid · 4' }) });
  await expect(row).toContainText('lost since');
  await expect(page.getByRole('row').filter({ hasText: 'gpu-xid · 0' })).not.toContainText('lost');
  await row.getByRole('link', { name: 'gpu-xid · 4' }).click();
  await expect(page.getByTestId('gpu-age')).toContainText('lost since');
  await page.goto(hub.url);
  await expect(page.getByText('1 lost')).toBeVisible();
  agent.access.setFault(null);
  await expect(page.getByText('1 lost')).toHaveCount(0);
  await context.close();
});

test('it fits a narrow screen, and two colour schemes pass axe', async ({ browser }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      storageState: signedIn,
      viewport: { width: 390, height: 844 },
      colorScheme,
    });
    const page = await context.newPage();
    await page.goto(`${hub.url}/hosts/${host.id}?tab=faults`);
    await expect(page.getByRole('tabpanel').getByText('Xid 95: Uncontained memory error')).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    expect(await axeFindings(page)).toEqual([]);
    await context.close();
  }
});
