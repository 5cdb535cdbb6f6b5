import { expect, test } from 'vitest';
import { parseProcessStat } from './process-stat.ts';

const fields = 'D 1 4711 4711 0 -1 4194304 95 0 0 0 1 2 0 0 20 0 1 0 987654 8192 100';

test('a name may hold spaces and brackets', () => {
  expect(parseProcessStat(`4711 (a) b (nvidia) ${fields}\n`)).toEqual({
    name: 'a) b (nvidia',
    state: 'D',
    parentPid: 1,
    groupId: 4711,
    startTicks: '987654',
  });
});

test.each(['', 'nothing of it', '4711 (nvidia-smi) D 1 4711', `4711 (x) ${fields.replace('987654', 'x')}`])(
  '%j is none',
  (text) => {
    expect(parseProcessStat(text)).toBeNull();
  },
);
