import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSilence } from './silence.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('is told once, so long after the last that came', () => {
  const told = vi.fn();
  const silence = createSilence(100, told);
  silence.wait();
  vi.advanceTimersByTime(90);
  silence.wait();
  vi.advanceTimersByTime(90);
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(told).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(told).toHaveBeenCalledTimes(1);
});

it('is not waited for, and starts no timer, where all came at once', () => {
  const told = vi.fn();
  const silence = createSilence(100, told);
  silence.wait();
  silence.wait();
  silence.end();
  vi.advanceTimersToNextTimer();
  expect(vi.getTimerCount()).toBe(0);
  silence.wait();
  vi.advanceTimersByTime(50);
  silence.end();
  vi.advanceTimersByTime(200);
  silence.wait();
  silence.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(told).not.toHaveBeenCalled();
});
