import { ofKind } from './of-kind.ts';

/** A few retired pages are no fault, and so many that the GPU is to be replaced are among `row-remap-failed`. */
export const retiredPages = ofKind(
  {
    name: 'retired-pages',
    severity: 'warning',
    watches: 'Many memory pages of a GPU were retired for errors that ECC could not correct.',
    afterSeconds: 0,
    cleared: 'the count is lower again',
    needs: 'numbers',
  },
  ['pages-retired-many'],
  'If more come, the memory wears out: work on the GPU fails at each, and in the end it is to be replaced.',
);
