import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('so many go on at once, the others in their order, and one that fails takes no place', async () => {
  const turns = createTurns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((number) =>
    turns.take(
      () =>
        new Promise<void>((resolve, reject) => {
          begun.push(number);
          ends[number] = number === 1 ? () => reject(new Error('cut')) : resolve;
        }),
    ),
  );
  const settled = Promise.allSettled(all);
  const pass = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await pass();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await pass();
  expect(begun).toEqual([0, 1, 2]);
  for (const number of [0, 2, 3, 4]) {
    ends[number]?.();
    await pass();
  }
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    ...Array(3).fill('fulfilled'),
  ]);
});
