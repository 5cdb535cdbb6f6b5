import { describe, expect, it } from 'vitest';
import { isDayStep, timeTicks } from './ticks.ts';

const at = (iso: string) => Date.parse(iso);
const utc = { most: 6, zoneOffsetMinutes: 0 };

describe('timeTicks', () => {
  it('stands at round minutes', () => {
    const ticks = timeTicks(at('2026-01-01T12:03:10Z'), at('2026-01-01T12:18:10Z'), utc);
    expect(ticks).toEqual([
      at('2026-01-01T12:05:00Z'),
      at('2026-01-01T12:10:00Z'),
      at('2026-01-01T12:15:00Z'),
    ]);
    expect(isDayStep(ticks)).toBe(false);
  });

  it('stands at local midnight, not at that of UTC', () => {
    const ticks = timeTicks(at('2026-01-01T00:00:00Z'), at('2026-01-06T00:00:00Z'), {
      most: 6,
      zoneOffsetMinutes: -120,
    });
    expect(ticks[0]).toBe(at('2026-01-01T22:00:00Z'));
    expect(isDayStep(ticks)).toBe(true);
  });

  it('never gives more than asked for and one', () => {
    for (const days of [0.01, 0.3, 1, 7, 30])
      expect(timeTicks(0, days * 86_400_000, utc).length).toBeLessThanOrEqual(7);
  });
});
