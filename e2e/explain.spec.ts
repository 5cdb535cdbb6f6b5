import { readFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, Container, HostSummary } from '../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../lib/protocol/push-fixture.ts';
import { patience } from './integration/support/patience.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { mustRun } from './integration/support/programs.ts';
import { enroll, hostId, pushOnce } from './integration/support/pusher.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { axeFindings, sidewaysScroll } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const narrow = { width: 390, height: 844 };
let hub: TestHub;
let agent: PlayedAgent;
let host: HostSummary;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

/** Hosts that stand still, by hand; one has a container whose name a spreadsheet would run. */
async function push(hostname: string): Promise<void> {
  const at = new Date().toISOString();
  const gpu = { ...gpuFixture(0), uuid: `GPU-${hostId(hostname)}` };
  const container: Container = {
    id: 'd'.repeat(64),
    name: '=train',
    image: 'registry.example/vision/detector:4.2',
    imageId: null,
    runtime: 'docker',
    state: 'running',
    startedAt: null,
    labels: {},
    cudaVersion: '12.4',
    visibleDevices: null,
    requireCuda: null,
    namespace: null,
    pod: null,
    gpus: [
      {
        gpuUuid: gpu.uuid,
        gpuInstanceId: null,
        computeInstanceId: null,
        usedMemoryBytes: 1024 ** 3,
        smRatio: null,
        pids: [7],
      },
    ],
  };
  const report = reportFixture({
    takenAt: at,
    intervalSeconds: 600,
    gpus: [gpu],
    containers: hostname === 'still-2' ? [container] : [],
  });
  const answer = await pushOnce(
    hub.url,
    pushFixture({ host: { id: hostId(hostname), hostname, labels: {} }, sentAt: at, reports: [report] }),
    { credential: await enroll(hub.url, await hub.enrollmentToken(), hostname) },
  );
  expect(answer.status, answer.body).toBe(202);
}

async function isClean(page: Page): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  agent = await startPlayedAgent(cleanup, hub, {
    name: 'explained',
    control: { recording: recordedHost('rtx4090x4'), set: { 0: { 'utilization.gpu': 37 } } },
  });
  for (const hostname of ['still-1', 'still-2', 'still-10']) await push(hostname);
  const found = async () =>
    (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts?q=played%3Dexplained')).items.find(
      (each) => each.current,
    );
  host = await eventually(found, { seconds: 60, what: `a reporting host\n${agent.program.output()}` });
  const context = await browser.newContext();
  await signIn(context, hub);
  signedIn = await context.storageState();
  await context.close();
});

test.afterAll(() => cleanup.run());

test('a number opens by keyboard to the text that nvidia-smi printed', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn, viewport: narrow, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}`);
  const number = page.locator('[data-origin="utilization.gpuRatio"]').first();
  await expect(number).toContainText('37');
  await number.focus();
  await page.keyboard.press('Enter');
  const printed = await mustRun([
    agent.player.nvidiaSmi,
    '--id=0',
    '--query-gpu=utilization.gpu',
    '--format=csv,noheader',
  ]);
  await expect(page.getByTestId('origin-printed')).toHaveText(printed.trim(), { timeout: 30_000 * patience });
  await expect(page.getByTestId('origin-place')).toHaveText('utilization.gpu');
  await expect(page.getByTestId('origin-command')).toContainText(`${agent.player.nvidiaSmi} --query-gpu=`);
  await expect(page.getByTestId('origin')).toContainText('host clock');
  await isClean(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('origin')).toHaveCount(0);
  await expect(number).toBeFocused();
  await context.close();
});

test('a missing number says what stands in its place, a computed one its formula', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${hub.url}/gpus/${host.gpus[0]?.uuid}`);
  const ecc = page.locator('[data-origin="ecc.volatile.uncorrectable"]');
  await ecc.click();
  await expect(page.getByTestId('origin')).toContainText('N/A', { timeout: 30_000 * patience });
  await isClean(page);
  // Another number while one is open: the popover goes there.
  await page.locator('[data-origin="energy"]').click();
  await expect(page.getByTestId('origin')).toContainText('Power times time');
  await expect(page.getByTestId('origin')).toContainText('Power now');
  await context.close();
});

test('the CSV holds the rows that are shown, in their order, and nothing that runs', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn, viewport: narrow });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts?q=still&sort=-name`);
  await expect(page.getByRole('heading', { level: 1, name: 'Hosts' })).toBeVisible();
  const download = async () => {
    await page.getByRole('button', { name: 'Export' }).first().click();
    const waiting = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const file = await waiting;
    await page.keyboard.press('Escape');
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const hosts = await download();
  expect(hosts.name).toMatch(/^gpufleet-hosts-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv$/);
  const [head = '', ...rows] = hosts.text.trimEnd().split('\r\n');
  expect(head).toContain('Power (watts)');
  expect(rows.map((row) => row.split(',')[0])).toEqual(['still-10', 'still-2', 'still-1']);
  const shown = await page.locator('[data-row-link]').allTextContents();
  expect(rows.map((row) => row.split(',')[0])).toEqual(shown);

  await page.goto(`${hub.url}/containers?q=detector`);
  await expect(page.getByText('=train')).toBeVisible();
  expect((await download()).text).toContain(`\r\n'=train,`);
  await page.getByRole('button', { name: 'Export' }).first().click();
  await expect(page.getByTestId('export-curl')).toContainText(`${hub.url}/api/v1/owners?q=detector`);
  await expect(page.getByTestId('export-promql')).toContainText('container="=train"');
  await isClean(page);
  await context.close();
});

test('search finds an image, mistyped too, and does what it offers', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts`);
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  const search = async (text: string) => {
    await page.keyboard.press('/');
    await page.getByRole('dialog').getByRole('combobox').fill(text);
  };
  await search('vison/detcetor');
  const first = page.getByRole('option').first();
  await expect(first).toContainText('registry.example/vision/detector:4.2');
  await isClean(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/containers\?q=/);
  await expect(page.getByText('=train')).toBeVisible();

  await search('theme dark');
  await expect(first).toContainText('Theme: dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await search('export containers');
  await expect(first).toContainText('Export containers as CSV');
  const waiting = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  expect((await waiting).suggestedFilename()).toMatch(/^gpufleet-containers-/);
  await context.close();
});
