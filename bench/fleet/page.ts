import { type Browser, chromium, type Page } from '@playwright/test';
import { Cleanup } from '../../e2e/integration/support/temporary.ts';
import { signIn } from '../../e2e/support/sign-in.ts';
import playwrightConfig from '../../playwright.config.ts';
import { type BenchCommand, type BenchResult, figure, quantile } from '../bench.ts';
import { hosts, sleep, startPlayedFleet } from './played-fleet.ts';

const fullMinutes = 1;
/** After loading, which may take a long task: drawing ten thousand cells for the first time is one. */
const settleSeconds = 15;
const longTaskMillis = 50;

interface Watched {
  /** Of tasks that the browser itself calls long, as they lasted. */
  readonly longTaskMillis: readonly number[];
  /** CPU of each task of the page's main thread. */
  readonly taskCpuMillis: readonly number[];
  readonly frames: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** CPU of the main thread's tasks of the renderer that worked most, which is the page's. */
function taskCpuMillis(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, pid, tid, tdur }) =>
      tdur !== undefined && name === 'ThreadControllerImpl::RunTask' && mains.has(`${pid} ${tid}`),
  );
  const sumOf = (own: readonly TraceEvent[]) => own.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  const byPid = [...Map.groupBy(tasks, ({ pid }) => pid).values()].sort((a, b) => sumOf(b) - sumOf(a));
  return (byPid[0] ?? []).map(({ tdur = 0 }) => tdur / 1000);
}

async function watch(browser: Browser, page: Page, seconds: number): Promise<Watched> {
  await page.evaluate(() => {
    const found: number[] = [];
    Reflect.set(globalThis, 'longTasks', found);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) found.push(duration);
    }).observe({ type: 'longtask' });
    let frames = 0;
    const count = () => {
      frames += 1;
      Reflect.set(globalThis, 'framesShown', frames);
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await browser.startTracing(page, { categories: ['toplevel'] });
  await sleep(seconds);
  const trace = await browser.stopTracing();
  const read = <T>(name: string) =>
    page.evaluate((key) => Reflect.get(globalThis, key) as unknown, name) as Promise<T>;
  return {
    longTaskMillis: await read<number[]>('longTasks'),
    taskCpuMillis: taskCpuMillis(trace),
    frames: await read<number>('framesShown'),
  };
}

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
      const watched = await watch(browser, page, seconds);
      await load.call('finish');
      return resultsOf(watched, seconds);
    } finally {
      await cleanup.run();
    }
  },
};
