import { expect, it } from 'vitest';
import { gpuFixture, processFixture } from '../../../lib/protocol/push-fixture.ts';
import { reportGpus } from './gpus.ts';

it.each<[string, boolean, string]>([
  ['python', false, 'python'],
  ['python', true, 'python'],
  ['python train.py --token hunter2', true, 'python train.py --token masked'],
  ['/usr/bin/python train.py --token hunter2', false, '/usr/bin/python'],
])('the program %s, where command lines are wanted: %s, is shown as %s', (name, commandLines, shown) => {
  const [reported] = reportGpus(
    { gpus: [{ ...gpuFixture(0), gpu: { ...gpuFixture(0), processes: [{ ...processFixture(1), name }] } }] },
    {
      processes: { factsOf: () => null, userName: () => null },
      shares: { of: () => ({ byPid: new Map(), sampledAt: null, problem: null }) },
      commandLines,
    },
  );
  expect(reported?.processes[0]?.name).toBe(shown);
});
