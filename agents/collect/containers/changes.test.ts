import { expect, it, vi } from 'vitest';
import { createChangeNotice } from './changes.ts';

it('tells of what came, went, and is another object', () => {
  const told = vi.fn();
  const note = createChangeNotice<object>(told);
  const [a, b] = [{}, {}];
  const seen = (known: ReadonlyMap<string, object>): number => {
    note(known);
    return told.mock.calls.length;
  };
  expect(seen(new Map())).toBe(0);
  expect(seen(new Map([['1', a]]))).toBe(1);
  expect(seen(new Map([['1', a]]))).toBe(1);
  expect(seen(new Map([['1', b]]))).toBe(2);
  expect(seen(new Map([['2', b]]))).toBe(3);
  expect(seen(new Map())).toBe(4);
});
