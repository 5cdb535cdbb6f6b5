import { ofKind } from './of-kind.ts';

export const recoveryAction = ofKind(
  {
    name: 'recovery-action',
    severity: 'critical',
    watches: 'The driver asks for a reset, a restart or a drain of a GPU.',
    afterSeconds: 0,
    cleared: 'the driver asks for nothing any more',
    needs: 'numbers',
  },
  ['recovery-action'],
  'Until it is done, work on the GPU fails or may fail; other health checks can look fine meanwhile.',
);
