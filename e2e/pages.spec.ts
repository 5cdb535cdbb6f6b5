import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { patience } from './integration/support/patience.ts';
import { recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { axeFindings, looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let host: HostSummary;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

/** Every page with a host that reports, and what must be on it before it is looked at. */
function pages(): readonly (readonly [path: string, heading: string])[] {
  const gpu = host.gpus[7] ?? host.gpus[0];
  return [
    ['/', 'Fleet'],
    ['/?colour=memory&by=driver&only=unusual', 'Fleet'],
    ['/hosts', 'Hosts'],
    ['/hosts?by=state&sort=-utilization', 'Hosts'],
    [`/hosts/${host.id}`, host.hostname],
    [`/hosts/${host.id}?tab=processes`, host.hostname],
    [`/hosts/${host.id}?tab=stack&range=6h`, host.hostname],
    [`/hosts/${host.id}?tab=collection`, host.hostname],
    [`/hosts/${host.id}?tab=labels`, host.hostname],
    ['/gpus?by=model', 'GPUs'],
    [`/gpus/${gpu?.uuid}`, `${host.hostname} GPU ${gpu?.index}`],
    ['/containers', 'Containers'],
    ['/waste', 'Waste'],
    ['/versions', 'Versions'],
    ['/hosts/add', 'Add host'],
    ['/hosts/ssh', 'SSH hosts'],
    ['/nowhere', 'Nothing is at this address'],
  ];
}

async function openPage(context: BrowserContext, path: string, heading: string): Promise<Page> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const isOurs = message.type() === 'error' && !/status of 404/.test(message.text());
    if (isOurs) problems.push(message.text());
  });
  await page.goto(`${hub.url}${path}`);
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeAttached();
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  expect(problems, `${path}: what the browser complains of`).toEqual([]);
  return page;
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
});

test.afterAll(() => cleanup.run());

test('a stranger is sent to the login page, which tells how to get in', async ({ browser }) => {
  const context = await browser.newContext();
  for (const path of ['/', '/hosts', '/gpus', '/containers', '/hosts/add', '/hosts/x', '/gpus/x']) {
    const answer = await context.request.get(`${hub.url}${path}`, { maxRedirects: 0 });
    const from = path === '/' ? '' : `?from=${encodeURIComponent(path)}`;
    expect([path, answer.headers()['location']]).toEqual([path, `/login${from}`]);
    expect(answer.status(), path).toBeGreaterThanOrEqual(300);
  }
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts`);
  await expect(page.getByTestId('login-command')).toContainText('hub user login-link');
  expect(await axeFindings(page)).toEqual([]);
  await context.close();
});

test("the empty hub's page", async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, '/', 'No host reports yet');
  await expect(page.getByTestId('add-host-command')).toContainText(`${hub.url}/install.sh`);
  await looksRight(page, 'the empty hub');
  await context.close();
});

test('a host reports, and the empty page gives way by itself', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, '/', 'No host reports yet');
  await startPlayedAgent(cleanup, hub, {
    name: 'pages',
    control: { recording: recordedHost('h100x8-mig') },
  });
  host = await eventually(
    async () =>
      (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts')).items.find(
        (each) => each.current && each.gpus.length === 8,
      ),
    { seconds: 60, what: 'a reporting host' },
  );
  await expect(page.getByRole('application', { name: /Fleet map of 8 GPUs/ })).toBeVisible();
  await context.close();
});

test('every page passes axe in both themes, and does not scroll sideways', async ({ browser }) => {
  test.setTimeout(300_000);
  const context = await browser.newContext({ storageState: signedIn });
  for (const [path, heading] of pages())
    await test.step(path, async () => {
      const page = await openPage(context, path, heading);
      await looksRight(page, path);
      await page.close();
    });
  await context.close();
});

/** What opens over a page: where, how it is opened (by keyboard), and what is then there. */
function overlays(): readonly (readonly [path: string, what: string, open: (page: Page) => Promise<void>])[] {
  const press = (name: string | RegExp) => (page: Page) =>
    page.getByRole('button', { name }).first().press('Enter');
  return [
    ['/', 'search', (page) => page.keyboard.press('/')],
    ['/', 'keys', (page) => page.keyboard.press('?')],
    ['/', 'the account menu', press(/account and more/)],
    ['/', 'groups and labels', press('Groups and labels')],
    ['/', 'export of the fleet', press('Export fleet')],
    [`/hosts/${host.id}`, 'export of a chart', press(/^Export .* charts$/)],
    [`/hosts/${host.id}`, 'where a number comes from', (page) => numberOf(page).press('Enter')],
    [`/hosts/${host.id}`, 'removing a host that reports', press('Remove this host…')],
    ['/alerts?tab=silences', 'export of silences', press('Export')],
    ['/alerts?tab=silences', 'starting maintenance', press('Start maintenance…')],
    ['/alerts?tab=channels', 'a new channel', press('New channel…')],
    ['/settings', 'export of invitations', press('Export invitations')],
  ];
}

const numberOf = (page: Page) => page.locator('[data-origin]').first();

test('what opens over a page by keyboard passes axe in both themes, fits, and closes by Escape', async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const context = await browser.newContext({ storageState: signedIn });
  let page = await context.newPage();
  let at = '';
  for (const [path, what, open] of overlays()) {
    if (at !== path) {
      await page.close();
      page = await context.newPage();
      at = path;
      await page.goto(`${hub.url}${path}`);
      await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
    }
    const over = page.locator('[role=dialog], [role=alertdialog], [role=menu]');
    await open(page);
    await expect(over, what).toHaveCount(1);
    await looksRight(page, what);
    await page.keyboard.press('Escape');
    await expect(over, `${what} closed`).toHaveCount(0);
  }
  await context.close();
});

test('a host that reports says what removing it means, and is kept', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, `/hosts/${host.id}`, host.hostname);
  await page.getByRole('button', { name: 'Remove this host…' }).press('Enter');
  await expect(page.getByRole('alertdialog')).toContainText('It still reports.');
  await page.getByRole('button', { name: 'Keep' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: host.hostname })).toBeVisible();
  await context.close();
});

test('a pasted theme holds for its page, a chosen one is painted by the server', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'light', storageState: signedIn });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts?theme=dark`);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.goto(`${hub.url}/hosts`);
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  await page.getByRole('button', { name: 'Change to light' }).click();
  const answer = await context.request.get(`${hub.url}/gpus`);
  expect(await answer.text(), 'painted by the server').toMatch(/<html[^>]* data-theme="light"/);
  await context.close();
});

test('the keyboard goes everywhere', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, '/', 'Fleet');
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page.getByRole('heading', { level: 1, name: 'Hosts' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.locator('[data-row-link]').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/hosts/${host.id}`));
  await page.keyboard.press('/');
  await page.getByRole('dialog').getByRole('combobox').fill('GPU 3');
  await expect(page.getByRole('option').first()).toContainText(`${host.hostname} GPU 3`);
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: `${host.hostname} GPU 3` })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  const map = page.getByRole('application');
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: `${host.hostname} GPU 1` })).toBeVisible();
  await context.close();
});

test('filters and sorting are in the address, and a click on the map opens the GPU', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, '/gpus', 'GPUs');
  await page.getByRole('searchbox').fill(host.gpus[2]?.uuid ?? '');
  await page.getByRole('button', { name: 'Power' }).click();
  await expect(page).toHaveURL(/sort=power/);
  await page.reload();
  await expect(page.locator('tr[data-row]')).toHaveCount(1);
  await expect(page.getByRole('columnheader', { name: 'Power' })).toHaveAttribute('aria-sort', 'ascending');
  await page.goto(`${hub.url}/`);
  const map = page.getByRole('application');
  await map.click({ position: { x: 10, y: 60 } });
  await expect(page.getByRole('heading', { name: `${host.hostname} GPU 0` })).toBeVisible();
  await context.close();
});

test('charts come after the first paint and show what the hub kept', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, `/hosts/${host.id}`, host.hostname);
  await expect(page.locator('svg.recharts-surface').first()).toBeVisible();
  const line = page.locator('path.recharts-line-curve').first();
  await expect(line).toHaveAttribute('d', /L|C/);
  await context.close();
});

test('a lost stream is said, and heals by itself', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await openPage(context, `/hosts/${host.id}`, host.hostname);
  await hub.kill();
  await expect(page.getByText(/Stream lost, reconnecting\. Data as of \d\d:\d\d:\d\d/)).toBeVisible();
  await hub.start();
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live', {
    timeout: 30_000 * patience,
  });
  await expect(page.getByText(/Stream lost/)).toBeHidden();
  await context.close();
});
