import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import type { Page as ApiPage, HostDetail, HostSummary } from '../lib/model/index.ts';
import { type PlayedAgent, recordedHost, startPlayedAgent } from './integration/support/played-agent.ts';
import { Cleanup, eventually, sleep } from './integration/support/temporary.ts';
import { startTestHub, type TestHub } from './integration/support/test-hub.ts';
import { signIn } from './support/sign-in.ts';

test.describe.configure({ mode: 'serial' });

const cleanup = new Cleanup();
let hub: TestHub;
let agent: PlayedAgent;
let context: BrowserContext;
let host: HostSummary;

const control = (utilization: number) => ({
  recording: recordedHost('rtx4090x4'),
  set: { 0: { 'utilization.gpu': utilization } },
});

/** The first number in the text of GPU 0's utilization. */
async function shownPercent(page: Page): Promise<number> {
  const text = await page.getByTestId('gpu-0-utilization').first().textContent();
  return Number(text?.match(/\d+/)?.[0] ?? Number.NaN);
}

async function showsPercent(page: Page, percent: number, seconds: number): Promise<void> {
  await eventually(async () => (await shownPercent(page)) === percent, {
    seconds,
    everySeconds: 0.03,
    what: `${percent} % on the page`,
  });
}

/** One reading a second comes only after the hub has told the agent that someone watches: three in a row say so. */
async function isWatched(): Promise<void> {
  const reports = new Set<string | null>();
  const everySecond = async () => {
    const { intervalSeconds, lastReportAt } = await hub.getJson<HostDetail>(`/api/v1/hosts/${host.id}`);
    if (intervalSeconds === 1) reports.add(lastReportAt);
    else reports.clear();
    return reports.size >= 3;
  };
  await eventually(everySecond, { seconds: 30, what: 'one reading a second' });
}

test.beforeAll(async ({ browser }) => {
  hub = await startTestHub(cleanup, { withPages: true });
  agent = await startPlayedAgent(cleanup, hub, { name: 'live', control: control(37) });
  host = await eventually(
    async () => (await hub.getJson<ApiPage<HostSummary>>('/api/v1/hosts')).items.find((each) => each.current),
    { seconds: 60, what: `a reporting host\n${agent.program.output()}` },
  );
  context = await browser.newContext();
  await signIn(context, hub);
});

test.afterAll(async () => {
  await context?.close();
  await cleanup.run();
});

test('a page, a route and a plain handler show the same host', async () => {
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}`);
  await showsPercent(page, 37, 20);
  const route = await hub.getJson<HostDetail>(`/api/v1/hosts/${host.id}`);
  const [gpu] = route.gpus;
  expect(gpu?.utilization.gpuRatio).toBe(0.37);
  const labels = `host="${route.hostname}",gpu="0",uuid="${gpu?.uuid}"`;
  // On a busy machine a host that reports each second is without numbers for a moment.
  await expect
    .poll(() => hub.getText('/metrics'), { timeout: 20_000 })
    .toContain(`gpufleet_gpu_utilization_ratio{${labels}} 0.37\n`);
  await expect(page.getByRole('heading', { name: route.hostname })).toBeVisible();
  await expect(page.getByText(route.driverVersion ?? 'no driver version').first()).toBeVisible();
  await page.close();
});

test('a value that nvidia-smi prints is on the open page within 2 s, without reload', async () => {
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}`);
  await showsPercent(page, 37, 20);
  await isWatched();
  await page.evaluate(() => Reflect.set(window, 'sinceLoaded', true));
  for (const percent of [91, 12, 64]) {
    await agent.player.update(control(percent));
    await showsPercent(page, percent, 2);
    await sleep(0.4);
  }
  expect(await page.evaluate(() => Reflect.get(window, 'sinceLoaded'))).toBe(true);
  await page.close();
});

test('eight tabs stay live over one stream', async () => {
  const pages: Page[] = [];
  for (let i = 0; i < 8; i += 1) {
    const page = await context.newPage();
    pages.push(page);
    await page.goto(`${hub.url}/hosts/${host.id}`);
  }
  await isWatched();
  for (const percent of [23, 78]) {
    await agent.player.update(control(percent));
    await Promise.all(pages.map((page) => showsPercent(page, percent, 20)));
  }
  expect(await hub.getText('/metrics/hub')).toMatch(/^gpufleet_hub_stream_viewers 1$/m);
  await Promise.all(pages.map((page) => page.close()));
});

test('a host whose agent was killed looks gone within 3 intervals, and its GPU series leave /metrics', async () => {
  const page = await context.newPage();
  await page.goto(`${hub.url}/hosts/${host.id}`);
  await isWatched();
  await expect(page.getByTestId('host-state').first()).toHaveText('ok');
  const { intervalSeconds } = await hub.getJson<HostDetail>(`/api/v1/hosts/${host.id}`);
  await agent.program.stop('SIGKILL');
  await eventually(async () => (await page.getByTestId('host-state').first().textContent()) === 'gone', {
    // The hub looks once a second, and the page is told within 200 ms.
    seconds: 3 * intervalSeconds + 1.5,
    what: 'the page to say gone',
  });
  const metrics = await hub.getText('/metrics');
  expect(metrics).not.toMatch(/^gpufleet_(gpu|mig|container)_/m);
  expect(metrics).toMatch(new RegExp(`^gpufleet_host_up\\{host="${host.hostname}"\\} 0$`, 'm'));
  expect(metrics).toMatch(/^gpufleet_host_last_report_timestamp_seconds\{/m);
  // No number is shown as if it were now.
  await expect(page.getByTestId('gpu-0-utilization').first()).not.toContainText(/\d\s*%/);
  await page.goto(`${hub.url}/hosts`);
  await expect(page.getByRole('row', { name: host.hostname })).toContainText('gone');
});
