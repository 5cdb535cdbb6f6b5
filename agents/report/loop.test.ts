import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Collector } from '../collect/index.ts';
import { startLoop } from './loop.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Listener = Parameters<Collector['onSample']>[0];

/** What the loop uses of a collector. */
function played(intervalSeconds: number) {
  let listener: Listener = () => {};
  let onPause: () => void = () => {};
  const collector = {
    intervalSeconds,
    onSample(each: Listener) {
      listener = each;
      return () => {};
    },
    pauses: {
      onChange(each: () => void) {
        onPause = each;
        return () => {};
      },
    },
  } as unknown as Collector;
  const reports: number[] = [];
  const from = performance.now();
  const stop = startLoop(collector, () => reports.push(Math.round((performance.now() - from) / 10) / 100));
  return {
    reports,
    stop,
    sample: () => listener('sample'),
    end: () => listener('ended'),
    pace(seconds: number) {
      Object.assign(collector, { intervalSeconds: seconds });
      listener('paced');
    },
    pause: () => onPause(),
  };
}

const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);

it('each sample is a report at once, and two that are close are one', async () => {
  const { reports, sample, stop } = played(5);
  for (let round = 0; round < 4; round += 1) {
    sample();
    await pass(0.5);
    sample();
    await pass(4.5);
  }
  expect(reports).toEqual([0, 5, 10, 15]);
  stop();
  await pass(60);
  expect(reports).toHaveLength(4);
});

it('without any sample, reports come each 1.25 intervals', async () => {
  const { reports, stop } = played(4);
  await pass(16);
  expect(reports).toEqual([5, 10, 15]);
  stop();
});

it('a stream that prints no more is reported on before three intervals are over', async () => {
  const { reports, sample, end, stop } = played(5);
  sample();
  await pass(11);
  expect(reports).toEqual([0, 10.7]);
  // The stream was killed: what the host is now is told at once.
  end();
  await pass(0.01);
  expect(reports).toEqual([0, 10.7, 11]);
  await pass(12.6);
  expect(reports).toEqual([0, 10.7, 11, 17.25, 23.5]);
  stop();
});

it('also where samples are wanted each second, a report comes before three intervals are over', async () => {
  const { reports, sample, stop } = played(1);
  sample();
  await pass(2.6);
  expect(reports).toEqual([0, 2.5]);
  stop();
});

it('a stream that ends is reported on 1.25 intervals after its last sample, and each further end changes nothing', async () => {
  const { reports, sample, end, stop } = played(5);
  sample();
  await pass(1);
  end();
  await pass(2);
  end();
  await pass(3.3);
  expect(reports).toEqual([0, 6.25]);
  end();
  await pass(6.2);
  expect(reports).toEqual([0, 6.25, 12.5]);
  stop();
});

it('a pause is told at once', async () => {
  const { reports, sample, pause, stop } = played(5);
  sample();
  await pass(1);
  pause();
  expect(reports).toEqual([0, 1]);
  await pass(6.3);
  expect(reports).toEqual([0, 1, 7.25]);
  stop();
});

it('another interval counts at once, also where no samples come', async () => {
  const { reports, pace, stop } = played(60);
  await pass(80);
  expect(reports).toEqual([75]);
  pace(4);
  await pass(6);
  expect(reports).toEqual([75, 80, 85]);
  pace(60);
  await pass(73);
  expect(reports).toEqual([75, 80, 85]);
  await pass(2);
  expect(reports).toHaveLength(4);
  stop();
});
