import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPacer } from './pacer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Seconds of this process at which a pacer of that pause ran in a minute. */
async function runsOf(pauseSeconds: number, isExact = false): Promise<number[]> {
  const runs: number[] = [];
  const pacer = createPacer(async () => {
    runs.push(performance.now() / 1000);
    return pauseSeconds;
  }, isExact);
  await pacer.start();
  await vi.advanceTimersByTimeAsync(60_000);
  await pacer.stop();
  return runs.slice(1);
}

it('long pauses end on whole seconds, never late, so that what is due about now is due at once', async () => {
  for (const pauseSeconds of [5, 10, 15]) {
    vi.advanceTimersByTime(370);
    const runs = await runsOf(pauseSeconds);
    expect(runs.length).toBeGreaterThanOrEqual(60 / pauseSeconds);
    for (const [at, seconds] of runs.entries()) {
      expect(Math.abs(seconds - Math.round(seconds))).toBeLessThan(0.01);
      if (at > 0) expect(seconds - (runs[at - 1] ?? 0)).toBeCloseTo(pauseSeconds, 2);
    }
  }
});

it('short pauses, and those of one that is exact, are kept as they are', async () => {
  const from = performance.now() / 1000;
  vi.advanceTimersByTime(370);
  const short = await runsOf(1.5);
  expect(short[0]).toBeCloseTo(from + 0.37 + 1.5, 2);
  const exact = await runsOf(4.7, true);
  expect((exact[1] ?? 0) - (exact[0] ?? 0)).toBeCloseTo(4.7, 2);
});

it('is hurried, and not put off', async () => {
  let runs = 0;
  const pacer = createPacer(async () => {
    runs += 1;
    return 30;
  });
  await pacer.start();
  pacer.hurry(0.2);
  pacer.hurry(20);
  await vi.advanceTimersByTimeAsync(250);
  expect(runs).toBe(2);
  await pacer.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(runs).toBe(2);
});
