import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { gpuFixture, processFixture, pushFixture, reportFixture } from '../lib/protocol/push-fixture.ts';
import { patience } from './integration/support/patience.ts';
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
let sequence = 0;

interface Reported {
  readonly id?: string;
  readonly labels?: Record<string, string>;
  readonly gpu?: string;
  /** Short: the host is gone soon. */
  readonly interval?: number;
}

async function report(hostname: string, reported: Reported = {}): Promise<void> {
  const { id = hostId(hostname), labels = {}, gpu = `GPU-${hostname}`, interval = 3600 } = reported;
  const credential = await enroll(hub.url, token, hostname, id);
  sequence += 1;
  const at = new Date().toISOString();
  const containerId = hostname.padEnd(64, '0').replaceAll(/[^a-z0-9]/g, '0');
  const container = {
    id: containerId,
    name: `job-${hostname}`,
    image: 'trainer:1',
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
        gpuUuid: gpu,
        gpuInstanceId: null,
        computeInstanceId: null,
        usedMemoryBytes: 1024 ** 3,
        smRatio: null,
        pids: [1],
      },
    ],
  };
  const push = pushFixture({
    host: { id, hostname, labels },
    sentAt: at,
    reports: [
      reportFixture({
        takenAt: at,
        sequence,
        intervalSeconds: interval,
        gpus: [{ ...gpuFixture(0), uuid: gpu, sampledAt: at, processes: [processFixture(1, containerId)] }],
        containers: [container],
      }),
    ],
  });
  expect((await pushOnce(hub.url, push, { credential })).status).toBe(202);
}

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${hub.url}${path}`);
  await expect(page.getByTestId('stream-state')).toHaveAttribute('data-state', 'live');
  return page;
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  token = await hub.enrollmentToken();
  await report('gpu-1', { labels: { rack: 'a1' } });
  await report('gpu-2', { labels: { rack: 'b2' } });
  context = await browser.newContext();
  await signIn(context, hub);
});
test.afterAll(async () => {
  await context.close();
  await cleanup.run();
});

test('a label is set on the Host page, with its source, and taken away again', async () => {
  const page = await open(`/hosts/${hostId('gpu-1')}?tab=labels`);
  const table = page.getByRole('table', { name: 'Labels of this host' });
  await expect(table.getByRole('row', { name: /rack a1 agent --label/ })).toBeVisible();
  await page.getByLabel('Label', { exact: true }).fill('9x');
  await page.getByLabel('Value', { exact: true }).fill('x');
  await page.getByRole('button', { name: 'Set label' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'must begin with a letter' })).toBeVisible();
  await page.getByLabel('Label', { exact: true }).fill('rack');
  await page.getByLabel('Value', { exact: true }).fill('c3');
  await page.getByLabel('Value', { exact: true }).press('Enter');
  await expect(table.getByRole('row', { name: /rack c3 this hub wins over a1/ })).toBeVisible();
  await looksRight(page, page.url());
  await page.getByRole('button', { name: 'Remove label rack' }).click();
  await expect(table.getByRole('row', { name: /rack a1 agent --label/ })).toBeVisible();
  await page.close();
});

test('several hosts get a group at once, by keyboard', async () => {
  const page = await open('/hosts');
  await page.getByRole('button', { name: 'Edit labels' }).press('Enter');
  await page.getByRole('checkbox', { name: 'Choose gpu-1' }).press('Space');
  await page.getByRole('checkbox', { name: 'Choose gpu-2' }).press('Space');
  await page.getByLabel('Label', { exact: true }).fill('group');
  await page.getByLabel('Value', { exact: true }).fill('train');
  await page.getByRole('button', { name: 'Set label' }).press('Enter');
  await expect(page.getByText('2 hosts: group=train is set.')).toBeVisible();
  await looksRight(page, page.url());
  await page.getByLabel('Group by').selectOption('group');
  await expect(page.getByRole('columnheader', { name: 'train 2' })).toBeVisible();
  await page.close();
});

test.describe('a label chosen once filters every page', () => {
  const pages = [
    ['/', 'region', 'gpu-1', 'gpu-2'],
    ['/hosts', 'link', 'gpu-1', 'gpu-2'],
    ['/gpus', 'link', 'gpu-1 · 0', 'gpu-2 · 0'],
    ['/containers', 'text', 'job-gpu-1', 'job-gpu-2'],
  ] as const;
  for (const [path, , kept, dropped] of pages)
    test(`${path} shows ${kept} and not ${dropped}`, async () => {
      const page = await open(path);
      if (path === '/') await page.getByText('The same as a table').click();
      const shown = page.getByRole('main').getByText(kept, { exact: true }).first();
      const hidden = page.getByRole('main').getByText(dropped, { exact: true });
      await expect(shown).toBeVisible();
      await expect(hidden.first()).toBeVisible();
      await page.getByRole('button', { name: 'Groups and labels' }).click();
      // The choice is kept in the address, which follows a moment later.
      await page.getByRole('checkbox', { name: /^a1/ }).click();
      await expect(page.getByRole('checkbox', { name: /^a1/ })).toBeChecked();
      await looksRight(page, page.url());
      await page.keyboard.press('Escape');
      await expect(page).toHaveURL(/label=rack%3Da1/);
      await expect(hidden).toHaveCount(0);
      await expect(shown).toBeVisible();
      await page.reload();
      if (path === '/') await page.getByText('The same as a table').click();
      await expect(shown).toBeVisible();
      await expect(hidden).toHaveCount(0);
      await page.getByRole('button', { name: 'Remove filter rack=a1' }).click();
      await expect(hidden.first()).toBeVisible();
      await page.getByLabel('Group by').selectOption('label:rack');
      await expect(page).toHaveURL(/by=label%3Arack/);
      await page.close();
    });
});

test('a reinstalled machine is offered to replace the old one, which then is no more', async () => {
  const [oldId, newId] = [hostId('again-old'), hostId('again-new')];
  await report('again', { id: oldId, gpu: 'GPU-again', interval: 0.5 });
  await report('again', { id: newId, gpu: 'GPU-again' });
  const page = await open('/hosts');
  const replace = page.getByRole('button', { name: 'Replace the old one' });
  await expect(replace).toBeVisible({ timeout: 30_000 * patience });
  await looksRight(page, page.url());
  await pressOn(page, replace);
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Replace' }));
  await expect(replace).toHaveCount(0);
  await expect(page.getByRole('main').getByText('again', { exact: true })).toHaveCount(1);
  expect((await hub.get(`/api/v1/hosts/${oldId}`)).status).toBe(404);
  await page.close();
});

test('two machines of one name are kept both, by keyboard alone', async () => {
  const [oldId, newId] = [hostId('twin-old'), hostId('twin-new')];
  await report('twin', { id: oldId, gpu: 'GPU-twin', interval: 0.5 });
  await report('twin', { id: newId, gpu: 'GPU-twin' });
  const page = await open('/hosts');
  const keep = page.getByRole('button', { name: 'Keep both' });
  await expect(keep).toBeVisible({ timeout: 30_000 * patience });
  await pressOn(page, keep);
  await pressOn(page, page.getByRole('alertdialog').getByRole('button', { name: 'Keep both' }), 'Space');
  await expect(keep).toHaveCount(0);
  expect((await hub.get(`/api/v1/hosts/${oldId}`)).status).toBe(200);
  expect((await hub.get(`/api/v1/hosts/${newId}`)).status).toBe(200);
  await page.close();
});

test('a machine that was refused is named on the pages, and is given the id of the other', async () => {
  const id = hostId('gpu-1');
  await expect(enroll(hub.url, token, 'copy-of-gpu-1', id)).rejects.toThrow('409');
  const fleet = await open('/');
  await fleet.getByRole('link', { name: /another machine \(copy-of-gpu-1\) wants to be this host/ }).click();
  await expect(fleet).toHaveURL(new RegExp(`/hosts/${id}$`));
  await expect(fleet.getByText('Another machine, which calls itself copy-of-gpu-1')).toBeVisible();
  await fleet.getByText('This is a duplicate: what to run on it').click();
  await expect(fleet.getByText(/^rm .*host\.json/)).toBeVisible();
  await looksRight(fleet, fleet.url());
  await fleet.getByRole('button', { name: /^Replace: let the new machine/ }).click();
  await fleet.getByRole('alertdialog').getByRole('button', { name: 'Replace' }).click();
  await expect(fleet.getByText('Another machine, which')).toHaveCount(0);
  expect(await enroll(hub.url, token, 'copy-of-gpu-1', id)).toMatch(/^gfa_/);
  await fleet.close();
});
