import { describe, expect, test } from 'vitest';
import { isAsExpected, nearestExpected, readExpectation } from './expectation.ts';
import { overGpus } from './over-gpus.ts';
import { compareVersions, versionOrder } from './version-order.ts';

test.each([
  ['580.95.05', '580.159.03', -1],
  ['580', '580.95.05', -1],
  ['1.18.0-rc.1', '1.18.0', -1],
  ['1.18.0~rc.2', '1.18.0-1', -1],
  ['1.18.0-rc.1', '1.18.0-rc.2', -1],
  ['6.8.0-9-generic', '6.8.0-87-generic', -1],
  ['6.8.0-87', '6.8.0-87-generic', -1],
  ['13.0', '13.0', 0],
  ['300 W', '700 W', -1],
])('%s against %s is %i', (a, b, order) => {
  expect(Math.sign(versionOrder(a, b))).toBe(order);
  expect(Math.sign(versionOrder(b, a))).toBe(0 - order);
  expect(compareVersions(b, a)).toBe(order === 0 ? null : 'newer');
});

describe('an expectation', () => {
  test.each([
    ['580.95.05', '580.95.05', true],
    ['580.95.05', '580.95.5', false],
    ['>=1.19.1', '1.19.1', true],
    ['>=1.19.1', '1.20.0', true],
    ['>=1.19.1', '1.19.1-rc.1', false],
    ['>1.19.1', '1.19.1', false],
    ['>=580.95 <590', '580.159.03', true],
    ['>= 580.95  < 590', '590.48.01', false],
    ['<=580', '580', true],
    ['>=580 <=580', '580', true],
    ['<590', 'open', false],
    ['6.8 | 6.11', '6.11', true],
    ['6.8 | 6.11', '6.9', false],
    ['7× off, 1× on (GPU 7)', '7× off, 1× on (GPU 7)', true],
  ])('%s takes %s: %s', (expected, actual, is) => expect(isAsExpected(expected, actual)).toBe(is));

  test('says which end a value missed', () => {
    expect(nearestExpected('>=580 <590', '570')).toBe('580');
    expect(nearestExpected('>=580 <590', '595')).toBe('590');
    expect(nearestExpected('a | b', 'c')).toBe('a');
    expect(nearestExpected('580', '570')).toBe('580');
  });

  test('that is no range is refused with how to write one', () =>
    expect(readExpectation('>=')).toMatchObject({ ok: false, fault: expect.stringContaining('>=580.95') }));
});

describe('one value for all GPUs', () => {
  const gpus = (...values: (string | null)[]) => values.map((value, index) => ({ index, value }));
  test.each([
    [gpus('a', 'a', 'a'), 'a'],
    [gpus(null, 'a', null), 'a'],
    [gpus(null, null), null],
    [gpus('a', 'a', 'b'), '2× a, 1× b (GPU 2)'],
    [gpus('b', 'a', 'c', 'c'), '2× c, 1× a (GPU 1), 1× b (GPU 0)'],
    [gpus('a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'b'), '6× a, 5× b (GPU 6, 7, 8, 9 …)'],
    [gpus('a', 'b', 'c', 'd', 'e', 'e'), '2× e, 1× a (GPU 0), 1× b (GPU 1), 1× c (GPU 2) and 1 more'],
  ])('%#', (each, value) => expect(overGpus(each)).toBe(value));
});
