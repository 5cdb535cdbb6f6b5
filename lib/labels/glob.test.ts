import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globsMeet, matchesGlob } from './glob.ts';

const asRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${[...pattern].map((letter) => (letter === '*' ? '.*' : letter === '?' ? '.' : letter)).join('')}$`,
  );

describe('a glob', () => {
  test('takes what the same regular expression takes', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        expect(matchesGlob(glob, name)).toBe(asRegExp(glob).test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test('with many stars costs no more than its length allows', () => {
    const started = performance.now();
    expect(matchesGlob('*a'.repeat(100), `${'a'.repeat(252)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('meets another where some text is taken by both', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 });
    const texts = ['', 'a', 'b'];
    for (let length = 2; length <= 6; length += 1)
      texts.push(
        ...texts.filter((text) => text.length === length - 1).flatMap((text) => [`${text}a`, `${text}b`]),
      );
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const both = texts.some((text) => matchesGlob(one, text) && matchesGlob(other, text));
        expect(globsMeet(one, other)).toBe(both);
        expect(globsMeet(other, one)).toBe(both);
      }),
      { numRuns: 3000 },
    );
  });
});
