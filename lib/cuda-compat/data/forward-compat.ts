import type { CompatLibraryRow, ForwardRow } from './rows.ts';

/**
 * Which driver branches a `cuda-compat` package is for. `pairs`: the branch that has this CUDA by itself.
 * A branch that is in neither list is no supported target.
 */
export const forwardCompat: readonly ForwardRow[] = [
  {
    compat: '13.5',
    branches: [580, 595, 610, 615],
    pairs: 620,
    source: 'driver620',
    confidence: 'low',
  },
  {
    compat: '13.4',
    branches: [535, 570, 580, 590, 595, 610],
    pairs: 615,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '13.3',
    branches: [535, 570, 580, 590, 595],
    pairs: 610,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '13.2',
    branches: [535, 570, 580, 590],
    pairs: 595,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '13.1',
    branches: [535, 570, 580],
    pairs: 590,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '13.0',
    branches: [535, 570],
    pairs: 580,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.9',
    branches: [535, 570],
    pairs: 575,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.8',
    branches: [535],
    pairs: 570,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.6',
    branches: [535],
    pairs: 560,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.5',
    branches: [535],
    pairs: 555,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.4',
    branches: [535],
    pairs: 550,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.3',
    branches: [535],
    pairs: 545,
    source: 'compatGuide',
    confidence: 'high',
  },
  {
    compat: '12.2',
    branches: [],
    pairs: 535,
    source: 'compatGuide',
    confidence: 'high',
  },
];

/** Pairs of earlier editions of the guide, which no copy was found of. They count only where the guide says nothing. */
export const olderForwardCompat: readonly ForwardRow[] = [
  {
    compat: '12.6',
    branches: [470, 550],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.5',
    branches: [470, 550],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.4',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.3',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.2',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.1',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '12.0',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '11.8',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '11.7',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '11.6',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
  {
    compat: '11.5',
    branches: [470],
    pairs: null,
    source: 'olderCompatGuide',
    confidence: 'low',
  },
];

/** Driver branches that a package's libcuda itself lists, in its section .note.cuda.fwd_compatibility. */
export const compatLibraries: readonly CompatLibraryRow[] = [
  {
    compat: '12.9',
    libcuda: '575.57.08',
    branches: [535, 550, 560, 565, 570, 575],
    source: 'compatElfNote',
    confidence: 'high',
  },
  {
    compat: '13.1',
    libcuda: '590.44.01',
    branches: [535, 550, 570, 575, 580, 590],
    source: 'compatElfNote',
    confidence: 'high',
  },
];
