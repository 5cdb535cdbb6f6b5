import { expect, it } from 'vitest';
import type { Owner } from '../../lib/model/index.ts';
import { gpuOwners } from './gpu-owners.ts';

const job = (name: string | null): Owner => ({
  ...{ key: 'slurm:211', kind: 'slurm', name, namespace: null, podUid: null, slurmJobId: '211' },
  ...{ unit: null, uid: null, nameProblem: null },
  person: { name: null, from: 'unknown', isInferred: false },
  gpus: [
    {
      ...{ gpuUuid: 'GPU-1', gpuInstanceId: null, computeInstanceId: null },
      ...{ usedMemoryBytes: 1, smRatio: null, pids: [1] },
    },
  ],
});

it.each([
  ['job 211', 'job 211'],
  ['sweep', 'job sweep'],
  [null, 'slurm:211'],
])('a job that is told as %s is shown as %s', (name, shown) => {
  expect(gpuOwners({ uuid: 'GPU-1' }, { containers: [], owners: [job(name)] })).toEqual([
    { key: 'slurm:211', name: shown, bytes: 1, smRatio: null },
  ]);
});
