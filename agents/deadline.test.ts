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

it.each([null, 2])('each sign of life begins it anew; beats each %s s', async (gapSeconds) => {
  const { startDeadline, beats } = await fresh(gapSeconds);
  let late = 0;
  const deadline = startDeadline(5, () => {
    late += 1;
  });
  for (let round = 0; round < 10; round += 1) {
    await beats(2);
    deadline.refresh();
  }
  expect(late).toBe(0);
  await beats(10);
  expect(late).toBe(1);
});

it('one that was started before the first beat does without its timer later', async () => {
  const { beat } = await import('./beat.ts');
  const { startDeadline } = await import('./deadline.ts');
  let late = 0;
  const deadline = startDeadline(5, () => {
    late += 1;
  });
  beat();
  await vi.advanceTimersByTimeAsync(2000);
  beat();
  const timers = vi.getTimerCount();
  deadline.refresh();
  expect(vi.getTimerCount()).toBe(timers - 1);
  await vi.advanceTimersByTimeAsync(4000);
  beat();
  expect(late).toBe(0);
  await vi.advanceTimersByTimeAsync(2000);
  beat();
  expect(late).toBe(1);
});
