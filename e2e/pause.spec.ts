import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { PushAnswer, Report } from '../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../lib/protocol/push-fixture.ts';
import { enroll, hostId, pushOnce } from './integration/support/pusher.ts';
import { Cleanup } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const hostname = 'gpu-01';
const id = hostId(hostname);
let hub: TestHub;
let credential: string;
let context: BrowserContext;
let page: Page;
let sequence = 0;

/** One push of the host; what its agent is told. */
async function push(changes: Partial<Report> = {}): Promise<PushAnswer> {
  sequence += 1;
  const at = new Date().toISOString();
  const gpus = Array.from({ length: 8 }, (_, index) => gpuFixture(index));
  const report = reportFixture({ sequence, takenAt: at, intervalSeconds: 3600, gpus, ...changes });
  const host = { id, hostname, labels: { group: 'rack-7' } };
  const answer = await pushOnce(hub.url, pushFixture({ host, sentAt: at, reports: [report] }), {
    credential,
  });
  return JSON.parse(answer.body) as PushAnswer;
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  credential = await enroll(hub.url, await hub.enrollmentToken(), hostname);
  await push();
  context = await browser.newContext();
  await signIn(context, hub);
  page = await context.newPage();
});
test.afterAll(async () => {
  await context.close();
  await cleanup.run();
});

test('an operator pauses a host on its page; its agent is told; the page says paused, by whom and why, and ends it', async () => {
  await page.goto(`${hub.url}/hosts/${id}`);
  await page.getByRole('button', { name: 'Pause…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('driver upgrade');
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByTestId('asked-pause')).toContainText('Asked to pause');
  const { pause } = await push();
  expect(pause).toMatchObject({ reason: 'driver upgrade' });
  const since = new Date().toISOString();
  const until = new Date(Date.now() + 1_800_000).toISOString();
  const told = { kind: 'hub', since, until, by: pause?.by ?? '', reason: 'driver upgrade', stuckPids: [] };
  await push({ condition: 'paused', pause: told, notes: [{ at: since, text: 'let go of the GPUs' }] });
  await expect(page.getByTestId('host-state').first()).toHaveText(/paused/);
  await expect(page.getByTestId('host-verdict')).toContainText('driver upgrade');
  await page.goto(`${hub.url}/hosts/${id}?tab=collection`);
  await expect(page.getByTestId('collection-notes')).toContainText('let go of the GPUs');
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.goto(hub.url);
  await expect(page.getByText('nothing needs you', { exact: false })).toBeVisible();
  await page.goto(`${hub.url}/hosts/${id}`);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByTestId('asked-pause')).toHaveCount(0);
  expect((await push()).pause).toBeUndefined();
  await expect(page.getByTestId('host-verdict')).toContainText('Reporting');
});

test('eight GPUs on the PCI bus and seven that answer are both said', async () => {
  const busOf = (index: number) => gpuFixture(index).pciBusId?.toLowerCase().slice(4) ?? '';
  const pciGpus = Array.from({ length: 8 }, (_, index) => ({
    busId: busOf(index),
    deviceId: '2330',
    driver: 'nvidia',
    passedThrough: false,
    powerStatus: 'active',
  }));
  const gpus = Array.from({ length: 8 }, (_, index) => gpuFixture(index)).map((gpu, index) =>
    index === 5
      ? {
          ...gpu,
          state: 'lost' as const,
          failure: {
            code: 'gpu-lost' as const,
            message: 'on the PCI bus, but nvidia-smi does not list it',
            gpu: busOf(5),
          },
        }
      : gpu,
  );
  await push({ pciGpus, gpus });
  await page.goto(`${hub.url}/hosts/${id}?tab=collection`);
  await expect(page.getByText('GPUs (8 on the PCI bus, 7 answer)')).toBeVisible();
  await expect(page.getByTestId('pci-bus').getByText('lost')).toHaveCount(1);
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
