import { expect, it } from 'vitest';
import { steadyOffset, takenAtByHubClock } from './report-time.ts';

const received = Date.parse('2026-11-23T12:00:10.000Z');
const at = (takenAt: string, ageSeconds: number | null, offsetSeconds: number) =>
  new Date(
    takenAtByHubClock({ takenAt, ageSeconds }, { receivedAtMillis: received, offsetSeconds }),
  ).toISOString();

it('keeps the host’s time while the clocks agree, so that a resent report lands where it was', () => {
  expect(at('2026-11-23T12:00:05.123Z', 4.4, 1.2)).toBe('2026-11-23T12:00:05.123Z');
  expect(at('2026-11-23T11:20:05.123Z', null, -1.9)).toBe('2026-11-23T11:20:05.123Z');
});

it('corrects a clock that is a day off, either way', () => {
  expect(at('2026-11-24T12:00:05.000Z', 5, 86_400)).toBe('2026-11-23T12:00:05.000Z');
  expect(at('2026-11-22T11:50:10.000Z', null, -86_400)).toBe('2026-11-23T11:50:10.000Z');
});

it('trusts the monotonic age when the clock was stepped between reading and sending', () => {
  expect(at('2026-11-22T12:00:00.000Z', 10, 0)).toBe('2026-11-23T12:00:00.000Z');
});

it('never lies in the future', () => {
  expect(at('2026-11-23T12:00:11.500Z', null, 1.5)).toBe('2026-11-23T12:00:10.000Z');
});

it('an offset that only jitters stays still', () => {
  expect(steadyOffset(null, 3.2)).toBe(3.2);
  expect(steadyOffset(3.2, 3.4)).toBe(3.2);
  expect(steadyOffset(3.2, 5)).toBe(5);
});
