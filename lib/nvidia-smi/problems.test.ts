import { expect, test } from 'vitest';
import { createProblemLog } from './problems.ts';

const logOf = (count: number) => {
  const problems = createProblemLog();
  for (let at = 0; at < count; at += 1) problems.add('csv:', `row ${at}`, 'is odd');
  return problems.list;
};

test('each is told once, and what is not listed is counted', () => {
  const problems = createProblemLog();
  problems.add('a', 'b', 'c');
  problems.add('a', 'b', 'c');
  expect(problems.list).toEqual([{ field: 'a', text: 'b', message: 'c' }]);
  expect(logOf(100)).toHaveLength(100);
  const last = { field: 'problems', message: 'further problems are not listed' };
  expect(logOf(142).at(-1)).toEqual({ ...last, text: '42' });
  expect(logOf(142)).toHaveLength(101);
  expect(logOf(5000).at(-1)).toEqual({ ...last, text: '900 or more' });
});
