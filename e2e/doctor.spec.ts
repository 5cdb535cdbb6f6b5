import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, expect, test } from '@playwright/test';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { patience } from './integration/support/patience.ts';
import { recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const narrow = { width: 390, height: 844 };
let hub: TestHub;
let id = '';
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  await startPlayedAgent(cleanup, hub, {
    name: 'played',
    control: { recording: recordedHost('rtx3090x2') },
    intervalSeconds: 1,
  });
  await eventually(
    async () => {
      id = (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts?q=played=played')).items[0]?.id ?? '';
      return id !== '';
    },
    { what: 'the played host', seconds: 30 },
  );
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
});
test.afterAll(() => cleanup.run());

test('the Host page says what is wrong and how to mend it, and gives a capture', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${id}?tab=collection`);
  const finding = page.locator('[data-finding="persistence-off"]');
  await expect(finding).toContainText('Persistence mode is off.', { timeout: 20_000 * patience });
  await finding.getByText('Persistence mode is off.').click();
  await expect(finding).toContainText('systemctl enable --now nvidia-persistenced');

  await page.getByRole('button', { name: 'Take a masked capture' }).click();
  const link = page.getByRole('link', { name: /Download the capture/ });
  await expect(link).toBeVisible({ timeout: 60_000 * patience });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/^gpufleet-capture-.*\.tar\.gz$/);

  for (const size of [{ width: 1440, height: 900 }, narrow]) {
    await page.setViewportSize(size);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    const { scroll, client } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      client: document.documentElement.clientWidth,
    }));
    expect(scroll).toBeLessThanOrEqual(client);
  }
  await context.close();
});

test('an error pasted into search leads to its page, which can be passed on', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await context.newPage();
  await page.goto(hub.url);
  await page.keyboard.press('Control+k');
  await page
    .getByRole('dialog')
    .getByRole('combobox')
    .fill('requirement error: unsatisfied condition: cuda>=99.1, please update');
  await expect(page.getByRole('option').first()).toContainText('The image asks for a newer CUDA');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/errors\/unsatisfied-condition\?text=/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('newer CUDA than the driver gives');
  await expect(page.locator(`[data-row="${id}"]`)).toContainText('has CUDA');

  // The address alone says the same to whoever gets it.
  await page.goto(page.url());
  await expect(page.locator(`[data-row="${id}"]`)).toBeVisible();
  for (const size of [{ width: 1440, height: 900 }, narrow]) {
    await page.setViewportSize(size);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  }

  await page.goto(`${hub.url}/errors`);
  await page.getByLabel('Error text').fill('NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByRole('link', { name: /Xid 79/ })).toBeVisible();
  await page.getByLabel('Error text').fill('this is no error');
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByRole('heading', { name: 'Not known' })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await context.close();
});
