import { expect, it } from 'vitest';
import { type ClockOffset, reportTime, steadyOffset } from './report-time.ts';

const received = Date.parse('2026-11-23T12:00:10.000Z');
const times = (takenAt: string, ageSeconds: number | null, offsetSeconds: number) =>
  reportTime(
    { takenAt, ageSeconds },
    { sentAtMillis: received + offsetSeconds * 1000, receivedAtMillis: received, offsetSeconds },
  );
const at = (takenAt: string, ageSeconds: number | null, offsetSeconds: number) =>
  new Date(times(takenAt, ageSeconds, offsetSeconds).historyMillis).toISOString();

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

it('tells the age by the hub’s clock also where history keeps the host’s time', () => {
  const read = (clockBehindSeconds: number) => {
    const takenAt = new Date(received - (0.2 + clockBehindSeconds) * 1000).toISOString();
    return times(takenAt, 0.2, -clockBehindSeconds);
  };
  for (const behind of [0, 0.5, 1.4, 1.9, 3]) expect(read(behind).takenAtMillis).toBe(received - 200);
  expect(read(1.4).historyMillis).toBe(received - 1600);
  const spooled = times('2026-11-23T11:20:05.000Z', null, -1.5);
  expect(new Date(spooled.takenAtMillis).toISOString()).toBe('2026-11-23T11:20:06.500Z');
});

it('does not take the delay of a push for a stepped clock', () => {
  const late = reportTime(
    { takenAt: new Date(received - 8000).toISOString(), ageSeconds: 1 },
    { sentAtMillis: received - 7000, receivedAtMillis: received, offsetSeconds: 0 },
  );
  expect(late.historyMillis).toBe(received - 8000);
});

const after = (...measured: number[]): ClockOffset =>
  measured.reduce<ClockOffset | null>(steadyOffset, null) ?? { seconds: Number.NaN, measuredSeconds: [] };

it('an offset that only jitters stays still', () => {
  expect(after(3.2).seconds).toBe(3.2);
  expect(after(3.2, 3.4).seconds).toBe(3.2);
  expect(after(3.2, 5).seconds).toBe(5);
});

it('pushes that were delayed do not move the offset, for as long as one of the last was quick', () => {
  expect(after(0, ...Array<number>(15).fill(-9)).seconds).toBe(0);
  expect(after(-9, 0).seconds).toBe(0);
  expect(after(0, ...Array<number>(16).fill(-9)).seconds).toBe(-9);
  expect(after(...Array<number>(100).fill(1)).measuredSeconds).toHaveLength(16);
});

it('a clock that was stepped back further than a push can be late counts at once', () => {
  expect(after(86_400, 0.1).seconds).toBe(0.1);
});
