import { chromium } from '@playwright/test';
import { Cleanup } from '../../e2e/integration/support/temporary.ts';
import { signIn } from '../../e2e/support/sign-in.ts';
import playwrightConfig from '../../playwright.config.ts';
import { type BenchCommand, type BenchResult, figure, quantile } from '../bench.ts';
import { type Watched, watchPage } from '../support/watched-page.ts';
import { hosts, sleep, startPlayedFleet } from './played-fleet.ts';

const fullMinutes = 1;
/** After loading, which may take a long task: drawing ten thousand cells for the first time is one. */
const settleSeconds = 15;
const longTaskMillis = 50;

function resultsOf(
  { longTaskMillis: long, taskCpuMillis: cpu, frames }: Watched,
  seconds: number,
): BenchResult[] {
  const busy = cpu.reduce((sum, each) => sum + each, 0) / 1000 / seconds;
  const longest = long.length === 0 ? '' : `; the longest ${Math.round(Math.max(...long))} ms`;
  return [
    figure(
      {
        name: 'fleet-page/long-tasks',
        unit: `tasks over ${longTaskMillis} ms`,
        bar: 0,
        note: `${seconds} s of the live map of ${hosts * 8} GPUs; ${(frames / seconds).toFixed(0)} frames/s${longest}`,
      },
      [long.length],
    ),
    figure(
      {
        name: 'fleet-page/longest-task',
        unit: 'milliseconds of CPU of the longest task',
        bar: longTaskMillis,
        note: `${cpu.length} tasks, p99 ${quantile(cpu, 0.99).toFixed(1)} ms; ${busy.toFixed(2)} of a core`,
      },
      [quantile(cpu, 1)],
    ),
  ];
}

/** The Fleet page in a real Chromium while 1,250 hosts report to its hub. */
export const fleetPage: BenchCommand = {
  name: 'fleet-page',
  async run({ minutes }) {
    const cleanup = new Cleanup();
    try {
      const { hub, load } = await startPlayedFleet(cleanup);
      const browser = await chromium.launch(playwrightConfig.use?.launchOptions ?? {});
      cleanup.add(() => browser.close());
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      await signIn(context, hub);
      const page = await context.newPage();
      await page.goto(`${hub.url}/`);
      await page.locator('canvas').first().waitFor({ timeout: 60_000 });
      await sleep(settleSeconds);
      const seconds = (minutes ?? fullMinutes) * 60;
      const watched = await watchPage(browser, page, () => sleep(seconds));
      await load.call('finish');
      return resultsOf(watched, seconds);
    } finally {
      await cleanup.run();
    }
  },
};
