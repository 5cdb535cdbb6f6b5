import { ofKind } from './of-kind.ts';

export const gpuLost = ofKind(
  {
    name: 'gpu-lost',
    severity: 'critical',
    watches: 'A GPU is lost, or nvidia-smi names it and gives no values.',
    afterSeconds: 15,
    cleared: 'the GPU gives values again',
    // A GPU that left the bus is lost whether or not nvidia-smi still answers.
    needs: 'numbers-to-end',
  },
  ['gpu-lost', 'gpu-failed'],
  'Nothing can run on it, and what ran on it is gone.',
);
