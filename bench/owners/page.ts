import { createHash } from 'node:crypto';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { Cleanup } from '../../e2e/integration/support/temporary.ts';
import type { TestHub } from '../../e2e/integration/support/test-hub.ts';
import { signIn } from '../../e2e/support/sign-in.ts';
import type { Container, Report } from '../../lib/model/index.ts';
import playwrightConfig from '../../playwright.config.ts';
import { type BenchCommand, type BenchResult, figure, quantile } from '../bench.ts';
import { playFleet, sleep } from '../fleet/played-fleet.ts';
import { recordedReport } from '../support/played-host.ts';
import { type Watched, watchPage } from '../support/watched-page.ts';

const hosts = 125;
const containersPerHost = 40;
const loads = 7;
const scrollSeconds = 20;
const longTaskMillis = 50;
/** One turn of a wheel, as a hand turns it: some a second. */
const wheelPixels = 400;
const wheelEveryMillis = 50;

const images = [
  'pytorch/pytorch:2.9.0-cuda12.8',
  'vllm/vllm-openai:0.11.0',
  'nvcr.io/nvidia/tritonserver:26.09',
];

/** A host of eight GPUs with so many containers of several people; each uses one of the GPUs. */
function crowded(base: Report): Report {
  const containers = Array.from({ length: containersPerHost }, (_, index): Container => {
    const gpu = base.gpus[index % base.gpus.length];
    return {
      id: createHash('sha256').update(`crowded ${index}`).digest('hex'),
      name: `job-${index}-${['train', 'serve', 'notebook'][index % 3]}`,
      image: images[index % images.length] ?? null,
      imageId: null,
      runtime: 'docker',
      state: 'running',
      startedAt: base.takenAt,
      labels: {},
      cudaVersion: '12.8',
      visibleDevices: null,
      requireCuda: null,
      namespace: index % 4 === 0 ? 'research' : null,
      pod: index % 4 === 0 ? `pod-${index}` : null,
      person: { name: `user-${index % 17}`, from: 'label', isInferred: false },
      gpus: [
        {
          gpuUuid: gpu?.uuid ?? '',
          gpuInstanceId: null,
          computeInstanceId: null,
          usedMemoryBytes: 2 ** 30 * (1 + (index % 9)),
          smRatio: (index % 10) / 10,
          pids: [1000 + index],
        },
      ],
    };
  });
  return { ...base, containers };
}

/** Milliseconds from the navigation until the frame after the first row was there. */
async function firstRow(context: BrowserContext, hub: TestHub): Promise<{ page: Page; millis: number }> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector('[data-row] a') === null) requestAnimationFrame(look);
      else requestAnimationFrame(() => Reflect.set(globalThis, 'firstRowMillis', performance.now()));
    };
    requestAnimationFrame(look);
  });
  await page.goto(`${hub.url}/containers`, { waitUntil: 'commit' });
  const handle = await page.waitForFunction(() => Reflect.get(globalThis, 'firstRowMillis') as number, null, {
    timeout: 30_000,
  });
  return { page, millis: await handle.jsonValue() };
}

async function scrollAbout(page: Page): Promise<void> {
  await page.mouse.move(700, 500);
  const end = performance.now() + scrollSeconds * 1000;
  for (let turn = 0; performance.now() < end; turn++) {
    // Down for a while, then up: rows come into view at both ends.
    await page.mouse.wheel(0, turn % 120 < 80 ? wheelPixels : -wheelPixels);
    await sleep(wheelEveryMillis / 1000);
  }
}

function resultsOf(paints: readonly number[], { longTaskMillis: long, taskCpuMillis: cpu, frames }: Watched) {
  const longest = long.length === 0 ? '' : `; the longest ${Math.round(Math.max(...long))} ms`;
  return [
    figure(
      {
        name: 'containers-page/first-paint',
        unit: 'milliseconds until rows are shown',
        bar: 1500,
        note: `${hosts * containersPerHost} containers of ${hosts} hosts that report; ${loads} loads`,
      },
      paints,
    ),
    figure(
      {
        name: 'containers-page/long-tasks',
        unit: `tasks over ${longTaskMillis} ms`,
        bar: 0,
        note: `${scrollSeconds} s of scrolling, ${(frames / scrollSeconds).toFixed(0)} frames/s${longest}`,
      },
      [long.length],
    ),
    figure(
      {
        name: 'containers-page/longest-task',
        unit: 'milliseconds of CPU of the longest task',
        bar: longTaskMillis,
        note: `${cpu.length} tasks, p99 ${quantile(cpu, 0.99).toFixed(1)} ms`,
      },
      [quantile(cpu, 1)],
    ),
  ];
}

async function measure(browser: Browser, hub: TestHub): Promise<readonly BenchResult[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await signIn(context, hub);
  // The first load of all makes the server's own modules; it is nobody's usual one.
  await (await firstRow(context, hub)).page.close();
  const paints: number[] = [];
  for (let load = 0; load < loads; load++) {
    const { page, millis } = await firstRow(context, hub);
    paints.push(millis);
    await page.close();
  }
  const { page } = await firstRow(context, hub);
  const all = `${hosts * containersPerHost}`;
  await page.waitForFunction(
    (count) =>
      document.querySelector('[data-testid=owner-count]')?.textContent?.replace(/\D/g, '') === count &&
      document.documentElement.scrollHeight > 100_000,
    all,
    { timeout: 60_000 },
  );
  await sleep(5);
  return resultsOf(paints, await watchPage(browser, page, () => scrollAbout(page)));
}

/** The Containers page with 5,000 containers in a real Chromium, while their hosts report every 5 s. */
export const containersPage: BenchCommand = {
  name: 'containers-page',
  async run() {
    const cleanup = new Cleanup();
    try {
      const { hub, load } = await playFleet(cleanup, { hosts, base: crowded(await recordedReport()) });
      const browser = await chromium.launch(playwrightConfig.use?.launchOptions ?? {});
      cleanup.add(() => browser.close());
      await sleep(8);
      const results = await measure(browser, hub);
      await load.call('finish');
      return results;
    } finally {
      await cleanup.run();
    }
  },
};
