import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ageSeconds,
  formatAge,
  formatBytes,
  formatBytesOf,
  formatCelsius,
  formatClock,
  formatCount,
  formatDuration,
  formatExact,
  formatHertz,
  formatJoules,
  formatMeanPercent,
  formatPercent,
  formatSmallDuration,
  formatUnit,
  formatWatts,
  plural,
  significant,
} from './index.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');

describe('significant', () => {
  it.each([
    [0, '0'],
    [0.0712, '0.0712'],
    [7.1234, '7.12'],
    [71.25, '71.3'],
    [9.999, '10.0'],
    [99.96, '100'],
    [712.4, '712'],
    [7123, '7123'],
    [-7.1, '-7.10'],
    [0.0000004, '<0.001'],
    [Number.NaN, '—'],
    [1, '1.00'],
    [80, '80.0'],
  ])('%d is %s', (value, text) => expect(significant(value)).toBe(text));

  it('is within half a percent of the value and never in exponents', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (value) => {
        const text = significant(value);
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(value * 0.00501);
      }),
    );
  });
});

describe('units', () => {
  it.each([
    [formatBytes(85_899_345_920), '80.0 GiB'],
    [formatBytes(536_870_912), '512 MiB'],
    [formatBytes(0), '0 B'],
    [formatBytes(1.5 * 2 ** 40), '1.50 TiB'],
    [formatBytesOf(33_500_000_000, 85_899_345_920), '31.2 / 80.0 GiB'],
    [formatBytesOf(4_194_304, 85_899_345_920), '0.0 / 80.0 GiB'],
    [formatBytesOf(300 * 2 ** 30, 640 * 2 ** 30), '300 / 640 GiB'],
    [formatWatts(71.23), '71.2 W'],
    [formatWatts(18_240), '18.2 kW'],
    [formatCelsius(63.6), '64 °C'],
    [formatHertz(1_980_000_000), '1.98 GHz'],
    [formatHertz(345_000_000), '345 MHz'],
    [formatJoules(3_600_000), '1.00 kWh'],
    [formatPercent(0.874), '87 %'],
    [formatMeanPercent(0.7133), '71.3 %'],
    [formatUnit(64.25, 'celsius'), '64.3 °C'],
    [formatCount(10_000), '10 000'],
    [plural(1, 'GPU'), '1 GPU'],
    [plural(96, 'GPU'), '96 GPUs'],
  ])('%s', (text, expected) => expect(plain(text)).toBe(expected));
});

describe('time', () => {
  it.each([
    [0, '0 s'],
    [119.9, '119 s'],
    [120, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_800, '2 d'],
    [-3, '0 s'],
  ])('%d seconds are %s', (seconds, text) => expect(plain(formatDuration(seconds))).toBe(text));

  it('says now for what lies a little ahead', () => expect(formatAge(-0.4)).toBe('now'));

  it('measures from the given now and keeps missing ones missing', () => {
    const now = Date.parse('2026-01-01T00:00:10Z');
    expect(ageSeconds('2026-01-01T00:00:00Z', now)).toBe(10);
    expect(ageSeconds(null, now)).toBeNull();
    expect(ageSeconds('yesterday', now)).toBeNull();
  });

  it('shows the exact time with its zone', () => {
    expect(formatExact('2026-01-01T12:04:31Z', 'UTC')).toMatch(/^2026-01-01 12:04:31 UTC$/);
    expect(formatClock(Date.parse('2026-01-01T12:04:31Z'), 'UTC')).toBe('12:04:31');
    expect(formatExact('never')).toBe('—');
  });

  it('keeps small durations readable', () => {
    expect(plain(formatSmallDuration(0.00312))).toBe('3.12 ms');
    expect(plain(formatSmallDuration(1.239))).toBe('1.24 s');
  });
});
