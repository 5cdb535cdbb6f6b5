import type { Browser, Page } from '@playwright/test';

/** What a page's main thread did while it was watched. */
export interface Watched {
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

/** Watches a page while `act` runs. */
export async function watchPage(browser: Browser, page: Page, act: () => Promise<void>): Promise<Watched> {
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
  await act();
  const trace = await browser.stopTracing();
  const read = <T>(name: string) =>
    page.evaluate((key) => Reflect.get(globalThis, key) as unknown, name) as Promise<T>;
  return {
    longTaskMillis: await read<number[]>('longTasks'),
    taskCpuMillis: taskCpuMillis(trace),
    frames: await read<number>('framesShown'),
  };
}
