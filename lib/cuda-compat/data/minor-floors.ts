import type { MinorFloorRow } from './rows.ts';

/** Before CUDA 11 each toolkit needs its own driver. */
export const minorFloors: readonly MinorFloorRow[] = [
  {
    // The guide says R580 only; this is the first release of it.
    cudaMajor: 13,
    linuxDriver: '580.65.06',
    windowsDriver: null,
    source: 'minorGuide',
    confidence: 'high',
  },
  {
    cudaMajor: 12,
    linuxDriver: '525.60.13',
    windowsDriver: '528.33',
    source: 'minorGuide',
    confidence: 'high',
  },
  {
    cudaMajor: 11,
    linuxDriver: '450.80.02',
    windowsDriver: '452.39',
    source: 'minorGuide',
    confidence: 'high',
  },
];
