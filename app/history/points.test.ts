import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTail, toChartPoints } from './points.ts';

const point = (at: number, value = at): readonly [number, number, number, number] => [
  at,
  value,
  value,
  value,
];

describe('mergeTail', () => {
  it('replaces what the tail covers and drops what left the range', () => {
    const merged = mergeTail(
      [point(0), point(5), point(10), point(15)],
      [point(10, 99), point(15, 98), point(20)],
      {
        fromSeconds: 5,
        tailFromSeconds: 10,
      },
    );
    expect(merged.map(([at, mean]) => [at, mean])).toEqual([
      [5, 5],
      [10, 99],
      [15, 98],
      [20, 20],
    ]);
  });

  it('stays sorted and without doubles', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 500 })).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, times, fc.integer({ min: 0, max: 500 }), (known, tail, tailFromSeconds) => {
        const merged = mergeTail(
          known.map((at) => point(at)),
          tail.map((at) => point(at)),
          {
            fromSeconds: 0,
            tailFromSeconds,
          },
        );
        const at = merged.map(([time]) => time);
        expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
      }),
    );
  });
});

describe('toChartPoints', () => {
  it('breaks the line where readings are missing', () => {
    const points = toChartPoints([point(0), point(5), point(60)], 5);
    expect(points.map(({ at, mean }) => [at, mean])).toEqual([
      [0, 0],
      [5000, 5],
      [10_000, null],
      [60_000, 60],
    ]);
  });

  it('does not break it at a reading that is a little late', () => {
    expect(toChartPoints([point(0), point(11)], 5).every(({ mean }) => mean !== null)).toBe(true);
  });
});
