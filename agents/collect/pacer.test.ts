import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { createPacer } from './pacer.ts';

beforeEach(() => vi.useFakeTimers());
beforeEach(() => vi.resetModules());
afterEach(() => vi.useRealTimers());

/** With beats of its own: what other tests left behind does not count. */
async function withBeats() {
  const { beat } = await import('../beat.ts');
  const { createPacer: create } = await import('./pacer.ts');
  return {
    create,
    /** Beats for so long; the first after one gap. */
    async beats(gapSeconds: number, forSeconds: number) {
      for (let seconds = gapSeconds; seconds <= forSeconds; seconds += gapSeconds) {
        await vi.advanceTimersByTimeAsync(gapSeconds * 1000);
        beat();
      }
    },
  };
}

/** Seconds between the runs of a pacer of that pause, and those from the last beat to each of its runs. */
function recorded(create: typeof createPacer, pauseSeconds: number, isExact = false) {
  const runs: number[] = [];
  const pacer = create(async () => {
    runs.push(performance.now() / 1000);
    return pauseSeconds;
  }, isExact);
  return {
    pacer,
    gaps: () => runs.slice(1).map((at, position) => Math.round((at - (runs[position] ?? 0)) * 1000) / 1000),
  };
}

it.each([
  [5, 5, 5],
  [6, 5, 5],
  [10, 5, 10],
  [15, 5, 15],
  [30, 5, 30],
  [60, 5, 60],
  // The nearest beat, and not the first that is near enough.
  [5, 1, 5],
  [6, 1, 6],
])(
  'a pause of %d s ends with a beat where they come each %d s: after %d s',
  async (pause, beatGap, expected) => {
    const { create, beats } = await withBeats();
    await beats(beatGap, 2 * beatGap);
    const { pacer, gaps } = recorded(create, pause);
    await pacer.start();
    await beats(beatGap, 3 * pause);
    expect(gaps().length).toBeGreaterThanOrEqual(2);
    expect(new Set(gaps())).toEqual(new Set([expected]));
    await pacer.stop();
  },
);

it('without beats, and where they come too seldom, a pause is as long as told', async () => {
  const { create: createWithout } = await withBeats();
  const without = recorded(createWithout, 7);
  await without.pacer.start();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(new Set(without.gaps())).toEqual(new Set([7]));
  await without.pacer.stop();
  vi.resetModules();
  const { create, beats } = await withBeats();
  await beats(30, 60);
  const seldom = recorded(create, 7);
  await seldom.pacer.start();
  await beats(30, 60);
  expect(new Set(seldom.gaps())).toEqual(new Set([7]));
  await seldom.pacer.stop();
});

it('beats that stay away put nothing off for longer than a minute', async () => {
  const { create, beats } = await withBeats();
  await beats(5, 10);
  const { pacer, gaps } = recorded(create, 10);
  await pacer.start();
  await vi.advanceTimersByTimeAsync(75_000);
  expect(gaps().length).toBeGreaterThanOrEqual(1);
  expect(Math.max(...gaps())).toBeLessThanOrEqual(70);
  await pacer.stop();
});

it('short pauses, and those of one that is exact, are kept as they are', async () => {
  const { create, beats } = await withBeats();
  await beats(1, 2);
  const short = recorded(create, 1.5);
  const exact = recorded(create, 4.7, true);
  await Promise.all([short.pacer.start(), exact.pacer.start()]);
  await beats(1, 20);
  expect(new Set(short.gaps())).toEqual(new Set([1.5]));
  expect(new Set(exact.gaps())).toEqual(new Set([4.7]));
  await Promise.all([short.pacer.stop(), exact.pacer.stop()]);
});

it('one that waits for a beat is hurried too, and one that is stopped runs no more', async () => {
  const { create, beats } = await withBeats();
  await beats(5, 10);
  const { pacer, gaps } = recorded(create, 30);
  await pacer.start();
  await vi.advanceTimersByTimeAsync(3000);
  pacer.hurry(0.5);
  await vi.advanceTimersByTimeAsync(600);
  expect(gaps()).toEqual([3.5]);
  await pacer.stop();
  pacer.hurry(0);
  await beats(5, 60);
  expect(gaps()).toEqual([3.5]);
});

it('is hurried, and not put off', async () => {
  const { create } = await withBeats();
  let runs = 0;
  const pacer = create(async () => {
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
