import { describe, expect, test } from 'vitest';
import type { OwnAlertRule } from '../../model/index.ts';
import { episodesOf } from './preview-rules.ts';

const rule: OwnAlertRule = {
  name: 'own:hot',
  field: 'gpu.temperature',
  comparison: 'above',
  value: 80,
  forSeconds: 600,
  hysteresis: 5,
  severity: 'warning',
  scope: null,
  text: null,
};
const step = 300;
/** Means from 0 on, one a step; null is a gap. */
const points = (means: readonly (number | null)[]) =>
  means.flatMap((mean, at) => (mean === null ? [] : [[at * step, mean, mean, mean] as const]));
const spans = (means: readonly (number | null)[], changes: Partial<OwnAlertRule> = {}) =>
  episodesOf(points(means), { ...rule, ...changes }).map(({ from, to }) => [
    Date.parse(from) / 1000 / step,
    Date.parse(to) / 1000 / step,
  ]);

describe('what would have fired', () => {
  test.each([
    ['nothing', [70, 70, 79], []],
    ['too short for its wait', [70, 81, 70], []],
    ['long enough', [70, 81, 82, 70], [[1, 3]]],
    ['goes on within the hysteresis', [81, 81, 76, 76, 81, 75], [[0, 5]]],
    ['does not begin within it', [76, 76, 76, 76], []],
    [
      'a gap ends it',
      [81, 81, null, 81, 81],
      [
        [0, 2],
        [3, 5],
      ],
    ],
    ['still so at the end', [70, 81, 81], [[1, 3]]],
  ] as const)('%s', (_, means, expected) => {
    expect(spans(means)).toEqual(expected);
  });

  test('below, and without a wait', () => {
    expect(spans([90, 10, 90], { comparison: 'below', value: 20, forSeconds: 0 })).toEqual([[1, 2]]);
  });
});
