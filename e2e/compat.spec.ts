import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { type OwnRecordingName, ownRecording } from '../agents/access/simulated/own-recordings.ts';
import { type SimulatedAgent, startSimulatedAgent } from '../agents/access/simulated/simulated-agent.ts';
import type { CompatView } from '../lib/model/index.ts';
import { Cleanup, eventually } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { looksRight } from './support/looks.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
const agents: SimulatedAgent[] = [];
let hub: TestHub;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;

/** Driver 550 and an image that it refuses; driver 595; driver 470 below V100s. */
const hosts: readonly (readonly [hostname: string, recording: OwnRecordingName, group: string])[] = [
  ['a100-1', 'a100x8', 'a100'],
  ['l40s-1', 'l40sx4', 'inference'],
  ['v100-1', 'v100x4', 'students'],
];
const image = 'ghcr.io/lab/flux-dev:2.1';

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true, options: ['--interval', '1s'] });
  const token = await hub.enrollmentToken();
  for (const [hostname, recording, group] of hosts)
    agents.push(
      startSimulatedAgent({
        recording: await ownRecording(recording),
        hostname,
        labels: { group },
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
  await eventually(
    async () => {
      const { containers, groups } = await hub.getJson<CompatView>('/api/v1/compat');
      return groups.length === 3 && containers.filter(({ exit }) => exit !== null).length >= 3;
    },
    { seconds: 60, what: 'three groups and what failed in them' },
  );
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await cleanup.run();
});

async function open(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(hub.url + path);
  // Not by its role: what lies behind an open sheet has none.
  await page.locator('h1', { hasText: 'Compatibility' }).waitFor();
  return page;
}

test('a requirement is typed, the hosts that can are named, and the link shows a colleague the same', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await open(context, '/compat');
  await page.getByLabel(/Image, requirement/).fill('cuda>=12.8');
  await page.getByRole('button', { name: 'Ask' }).click();
  const answer = page.getByTestId('answer');
  await expect(answer).toContainText('It runs on 1 of 3 hosts');
  await expect(answer.locator('[data-outcome=runs]')).toContainText('l40s-1');
  const refused = answer.locator('[data-outcome=refused-at-start]').first();
  await expect(refused).toContainText('a100-1');
  await refused.getByText('Reasons, and what helps').click();
  await expect(refused.locator('[data-rule=requirement-checked]')).toContainText('cuda>=12.8');
  await expect(refused).toContainText('unsatisfied condition: cuda>=12.8');
  await expect(refused).toContainText('a driver of branch R570 or newer');
  const address = page.url();
  expect(address).toContain('ask=');
  await context.close();
  const colleague = await browser.newContext({ storageState: signedIn });
  const same = await colleague.newPage();
  await same.goto(address);
  await expect(same.getByTestId('answer')).toContainText('It runs on 1 of 3 hosts');
  await colleague.close();
});

test('a requirement that cannot be read is said to be so, with the place', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await open(context, `/compat?${new URLSearchParams({ ask: 'cuda>>12' })}`);
  await expect(page.getByTestId('answer')).toContainText('cuda>>12:');
  await expect(page.getByTestId('answer').locator('[data-outcome]')).toHaveCount(0);
  await context.close();
});

test('a container that failed leads to its reasons, the layer at fault, and where it would run now', async ({
  browser,
}) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await open(context, '/compat');
  const failed = page.getByRole('table', { name: 'Containers that failed in the last day' });
  const row = failed.getByRole('row', { name: /flux-dev/ });
  await expect(row).toContainText('did not start');
  await expect(row).toContainText('nvidia-container-cli: requirement error');
  await row.getByRole('link', { name: /Reasons, fixes/ }).click();
  const sheet = page.getByTestId('compat-sheet');
  await expect(sheet).toContainText(image);
  await expect(sheet.locator('[data-layer=container]')).toHaveAttribute('data-fault', 'true');
  await expect(sheet.locator('[data-layer=driver]')).toHaveAttribute('data-fault', 'false');
  await expect(sheet).toContainText('It would run here now');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await context.close();
});

test('the matrix says a verdict in words in each cell, and a cell opens by keyboard', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await open(context, '/compat');
  const cell = page.locator(`[data-cell="${image} inference"]`);
  await expect(cell).toContainText('runs');
  await expect(page.locator(`[data-cell="${image} a100"]`)).toContainText('refused at start');
  await cell.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('compat-sheet')).toContainText('on hosts of inference');
  await expect(page).toHaveURL(/cell=inference/);
  await context.close();
});

test('an upgrade is planned, with before and after, and its link keeps it', async ({ browser }) => {
  const context = await browser.newContext({ storageState: signedIn });
  const page = await open(context, '/compat');
  // Again until the page's script is there to hear it.
  await expect(async () => {
    await page.getByLabel('What if').selectOption('a100');
    await page.getByLabel('had driver').fill('580.159.03');
    await page.getByRole('button', { name: 'Plan' }).click();
    await expect(page).toHaveURL(/plan=a100&driver=580\.159\.03/, { timeout: 1000 });
  }).toPass();
  const plan = page.getByTestId('plan');
  await expect(plan).toContainText('1 would start to run, 0 would stop');
  await expect(plan.getByTestId('starts')).toContainText(/flux-dev.*refused at start.*runs/s);
  await expect(plan).toContainText('R580');
  await expect(plan.getByTestId('oldest')).toContainText(/5[78]\d\.\d+/);
  const address = page.url();
  await context.close();
  const colleague = await browser.newContext({ storageState: signedIn });
  const same = await colleague.newPage();
  await same.goto(address);
  await expect(same.getByTestId('plan')).toContainText('1 would start to run');
  await colleague.close();
});

for (const [name, path] of [
  ['the page', '/compat'],
  ['an answer', '/compat?ask=cuda%3E%3D12.8'],
  ['a plan', '/compat?plan=*&driver=580.159.03'],
  ['reasons', `/compat?${new URLSearchParams({ image, cell: 'a100' })}`],
] as const)
  test(`${name} looks right, wide and narrow`, async ({ browser }) => {
    const context = await browser.newContext({ storageState: signedIn });
    const page = await open(context, path);
    if (path.includes('cell=')) await page.getByTestId('compat-sheet').getByText('Why').waitFor();
    await looksRight(page, name);
    await context.close();
  });
