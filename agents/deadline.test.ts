import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
});
afterEach(() => vi.useRealTimers());

async function fresh(gapSeconds: number | null) {
  const { beat } = await import('./beat.ts');
  const { startDeadline } = await import('./deadline.ts');
  const beats = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      await vi.advanceTimersByTimeAsync((gapSeconds ?? 1) * 1000);
      if (gapSeconds !== null) beat();
    }
  };
  await beats(3);
  return { startDeadline, beats };
}

it('without beats it comes to the moment, once, and not where it was ended', async () => {
  const { startDeadline } = await fresh(null);
  let late = 0;
  const onLate = (): void => {
    late += 1;
  };
  startDeadline(2, onLate);
  startDeadline(2, onLate).end();
  await vi.advanceTimersByTimeAsync(1999);
  expect(late).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(late).toBe(1);
});

it('with beats it needs no timer, and comes with the first beat after its time', async () => {
  const { startDeadline, beats } = await fresh(5);
  const timers = vi.getTimerCount();
  let lateAt: number | null = null;
  const from = performance.now();
  startDeadline(6, () => {
    lateAt = performance.now() - from;
  });
  expect(vi.getTimerCount()).toBe(timers);
  await beats(1);
  expect(lateAt).toBeNull();
  await beats(3);
  expect(lateAt).toBe(10_000);
});

it('beats that are too seldom for it leave it to a timer', async () => {
  const { startDeadline } = await fresh(30);
  let isLate = false;
  startDeadline(2, () => {
    isLate = true;
  });
  await vi.advanceTimersByTimeAsync(2001);
  expect(isLate).toBe(true);
});
