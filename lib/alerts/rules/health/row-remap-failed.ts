import { ofKind } from './of-kind.ts';

export const rowRemapFailed = ofKind(
  {
    name: 'row-remap-failed',
    severity: 'critical',
    watches:
      'A GPU has no spare memory row left for a bad one, or as many retired pages as it is replaced for.',
    afterSeconds: 0,
    cleared: 'the driver no longer says so',
    needs: 'numbers',
  },
  ['remapping-failed', 'pages-retired-limit'],
  'Bad memory stays in use: errors come back, and work on the GPU fails.',
);
