import { ofKind } from './of-kind.ts';

/** Counted since the driver was loaded, so it stays until the GPU is reset. */
export const eccUncorrectable = ofKind(
  {
    name: 'ecc-uncorrectable',
    severity: 'critical',
    watches: 'A GPU met memory errors that ECC could not correct.',
    afterSeconds: 0,
    cleared: 'the count is 0 again',
    needs: 'numbers',
  },
  ['ecc-uncorrectable'],
  'What ran on the GPU when they came may have failed, and the bad memory is used until the GPU is reset.',
);
