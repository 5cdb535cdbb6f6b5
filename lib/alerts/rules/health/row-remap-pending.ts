import { ofKind } from './of-kind.ts';

export const rowRemapPending = ofKind(
  {
    name: 'row-remap-pending',
    severity: 'warning',
    watches: 'Memory of a GPU waits for a reset to be remapped or retired.',
    afterSeconds: 0,
    cleared: 'nothing waits any more',
    needs: 'numbers',
  },
  ['remapping-pending', 'retirement-pending'],
  'The bad memory stays in use until the GPU is reset.',
);
