import { expect, test } from 'vitest';
import { plainLine } from './plain-line.ts';

test.each([
  ['gpu1', 'gpu1'],
  ['\u001b[2J\u001b]0;owned\u0007 two\r\nlines\n', '[2J ]0;owned  two lines'],
  ['\u009b31mred\u0085', '31mred'],
  ['grün – 火', 'grün – 火'],
])('%j is said as %j', (text, plain) => {
  expect(plainLine(text)).toBe(plain);
});

test('it is cut, and that is seen', () => {
  expect(plainLine('x'.repeat(2000))).toBe(`${'x'.repeat(1000)}…`);
});
