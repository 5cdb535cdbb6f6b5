import { describe, expect, test, vi } from 'vitest';
import { judge, summaryLine } from './test-runners.ts';

describe('what a runner is judged by', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const good = { passed: 3, failed: 0, skipped: 1 };

  test('a green run keeps its numbers', () => expect(judge('x', 0, good)).toEqual(good));
  test('a crash after green tests fails', () => expect(judge('x', 134, good).failed).toBe(1));
  test('a crash without a report fails', () => expect(judge('x', 1, null).failed).toBe(1));
  test('a run that found nothing fails', () =>
    expect(judge('x', 0, { passed: 0, failed: 0, skipped: 2 }).failed).toBe(1));
});

test('the last line', () => {
  expect(summaryLine([{ passed: 2, failed: 0, skipped: 0 }])).toBe('2 passed, 0 failed');
  expect(
    summaryLine([
      { passed: 2, failed: 1, skipped: 1 },
      { passed: 1, failed: 1, skipped: 0 },
    ]),
  ).toBe('3 passed, 2 failed, 1 skipped');
});
