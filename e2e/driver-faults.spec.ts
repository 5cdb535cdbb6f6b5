import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, HostSummary } from '../lib/model/index.ts';
import { patience } from './integration/support/patience.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { send } from './integration/support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

/** Eight GPUs, some divided by MIG. */
const recording = recordedHost('h100x8-mig');
const intervalSeconds = 3;
/** Three intervals, and as long again for a machine that runs other tests beside it. */
const soon = { timeout: (3 * intervalSeconds + 1) * 1000 * patience };

const cleanup = new Cleanup();
let hub: TestHub;
let agent: PlayedAgent;
let context: BrowserContext;
let page: Page;
let host: HostSummary;

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true, options: ['--interval', `${intervalSeconds}s`] });
  agent = await startPlayedAgent(cleanup, hub, { name: 'faults', control: { recording }, intervalSeconds });
  host = await eventually(
    async () =>
      (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts')).items.find(({ state }) => state === 'ok'),
    { seconds: 60, what: `a reporting host\n${agent.program.output()}` },
  );
  context = await browser.newContext();
  await signIn(context, hub);
  page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}`);
  await isWell();
});
test.afterAll(async () => {
  await context?.close();
  await cleanup.run();
});
test.afterEach(async () => {
  await agent.player.update({ recording });
  await isWell();
});

const state = () => page.getByTestId('host-state').first();
const utilization = (gpu: number) => page.getByTestId(`gpu-${gpu}-utilization`).first();

/** The open page says so by itself: nothing reloads it. */
async function isWell(): Promise<void> {
  await expect(state()).toHaveText('ok', { timeout: 30_000 * patience });
  await expect(utilization(1)).toHaveText(/\d/, soon);
}

for (const [what, fault, word, verdict] of [
  ['hangs', 'hang-mid-sample', 'driver hung', /stopped printing|gave no answer/],
  ['is of another version than the module', 'version-mismatch', 'driver failed', /version mismatch/i],
] as const)
  test(`the page of a host whose nvidia-smi ${what} says so within three intervals, without a number of now`, async () => {
    await agent.player.update({ recording, fault });
    await expect(state()).toHaveText(word, soon);
    await expect(page.getByTestId('host-verdict')).toHaveText(verdict);
    await expect(utilization(1)).toHaveText(/^—/);
  });

test('a lost GPU is said, and the seven others go on', async () => {
  await agent.player.update({ recording, fault: { kind: 'gpu-lost', gpu: 2, style: 'values' } });
  await expect(state()).toHaveText('GPU lost', soon);
  await expect(page.getByTestId('host-verdict')).toHaveText(/GPU 2/);
  await expect(utilization(2)).toHaveText(/^—/);
  const before = await utilization(1).textContent();
  await agent.player.update({
    recording,
    fault: { kind: 'gpu-lost', gpu: 2, style: 'values' },
    set: { 1: { 'utilization.gpu': 87 } },
  });
  expect(before).not.toContain('87');
  await expect(utilization(1)).toHaveText(/87/, soon);
});

test('an nvidia-smi that is gone is said, and it is found again', async () => {
  const { nvidiaSmi } = agent.player;
  renameSync(nvidiaSmi, `${nvidiaSmi}.away`);
  // The stream that runs is not touched by that; it ends with the driver's packages.
  await agent.player.update({ recording, fault: 'driver-not-loaded' });
  await expect(page.getByTestId('host-verdict')).toHaveText(/nvidia-smi is not at/, soon);
  await expect(utilization(1)).toHaveText(/^—/);
  renameSync(`${nvidiaSmi}.away`, nvidiaSmi);
});

test('a paused host is said to be paused, by whom and why', async () => {
  const token = await hub.apiToken('admin');
  const ask = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { status } = await send(`${hub.url}${path}`, { headers, body: JSON.stringify(body) });
    expect(status).toBe(200);
  };
  await ask('/api/v1/pauses', { hosts: [host.id], forSeconds: 600, reason: 'new driver' });
  await expect(state()).toHaveText('paused', soon);
  await expect(page.getByTestId('host-verdict')).toHaveText(/new driver/);
  await expect(utilization(1)).toHaveText(/^—/);
  await ask('/api/v1/pauses/end', { hosts: [host.id] });
});

test('MIG that is divided anew restarts the stream, and the page says that it did', async () => {
  const xml = readFileSync(join(recording, 'commands', 'nvidia-smi-q-x.xml'), 'utf8');
  const folder = temporaryFolder(cleanup, 'mig');
  const file = join(folder, 'fewer-instances.xml');
  writeFileSync(file, xml.replace(/\s*<mig_device>(?:(?!<\/mig_device>)[\s\S])*<\/mig_device>/, ''));
  expect(dirname(file)).toBe(folder);
  // Instances go when their processes are gone, which the stream shows in the memory: the document is asked at once.
  const set = Object.fromEntries(Array.from({ length: 8 }, (_, gpu) => [gpu, { 'memory.used': 4321 }]));
  await agent.player.update({ xml: file, set });
  await page.goto(`${hub.url}/hosts/${host.id}?tab=collection`);
  await expect(page.getByTestId('collection-notes')).toContainText(
    /stream was started again: MIG of GPU \d .* changed/,
    soon,
  );
  await expect(state()).toHaveText('ok');
  await page.goto(`${hub.url}/hosts/${host.id}`);
});
