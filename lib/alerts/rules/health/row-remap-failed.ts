import { ofKind } from './of-kind.ts';

export const rowRemapFailed = ofKind(
  {
    name: 'row-remap-failed',
    severity: 'critical',
    watches: 'A GPU has no spare memory row left for a bad one.',
    afterSeconds: 0,
    cleared: 'the driver no longer says so',
    needs: 'numbers',
  },
  ['remapping-failed'],
  'Bad memory stays in use: errors come back, and work on the GPU fails.',
);
