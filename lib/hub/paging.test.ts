import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareKeys, pageOf } from './paging.ts';

const listing = (names: readonly string[]) => ({
  items: names,
  sortKey: (name: string) => [name],
  words: (name: string) => [name, null],
});

it('gives every item once, in order, whatever the limit', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      (names, limit) => {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: ReturnType<typeof pageOf<string>> = pageOf(listing(names), {
            limit,
            ...(cursor === null ? {} : { cursor }),
          });
          expect(page.total).toBe(names.length);
          seen.push(...page.items);
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual([...names].sort((a, b) => compareKeys([a], [b])));
      },
    ),
  );
});

it('goes on after an item that has left', () => {
  const first = pageOf(listing(['a', 'b', 'c', 'd']), { limit: 2 });
  expect(pageOf(listing(['a', 'c', 'd']), { cursor: first.nextCursor ?? '' }).items).toEqual(['c', 'd']);
});

it('wants every word, in any order and case', () => {
  const names = ['gpu-01 H100', 'gpu-02 T4', 'cpu H100'];
  expect(pageOf(listing(names), { q: ' h100  GPU ' }).items).toEqual(['gpu-01 H100']);
});

it('sorts numbers in names as numbers', () => {
  expect(pageOf(listing(['gpu-10', 'gpu-9']), {}).items).toEqual(['gpu-9', 'gpu-10']);
});

it.each([[{ limit: 0 }], [{ limit: 1001 }], [{ limit: 1.5 }], [{ cursor: 'x' }], [{ cursor: 'W3t9XQ' }]])(
  'refuses %j',
  (query) => {
    expect(() => pageOf(listing([]), query)).toThrow(expect.objectContaining({ code: 'invalid' }));
  },
);
