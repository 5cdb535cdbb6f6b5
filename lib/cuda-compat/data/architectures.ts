import type { ArchitectureRow } from './rows.ts';

type Limits = readonly [
  firstToolkit: string,
  lastToolkitMajor: number | null,
  firstBranch: number,
  last: number | null,
];

const row = (
  name: string,
  computeCapabilities: readonly string[],
  [firstToolkit, lastToolkitMajor, firstBranch, lastBranch]: Limits,
  about: Pick<ArchitectureRow, 'modules'> & Partial<Pick<ArchitectureRow, 'confidence'>>,
): ArchitectureRow => ({
  name,
  computeCapabilities,
  firstToolkit,
  lastToolkitMajor,
  firstBranch,
  lastBranch,
  source: 'architectureMatrix',
  confidence: 'high',
  ...about,
});

/** From which CUDA and driver on a GPU works, and until which. Newest first. */
export const architectures: readonly ArchitectureRow[] = [
  row('Rubin', ['10.7'], ['13.4', null, 615, null], { modules: 'open', confidence: 'medium' }),
  row('Blackwell (Thor)', ['11.0'], ['13.0', null, 580, null], { modules: 'open', confidence: 'medium' }),
  row('Blackwell', ['12.1'], ['12.9', null, 580, null], { modules: 'open', confidence: 'medium' }),
  row('Blackwell Ultra', ['10.3'], ['12.9', null, 575, null], { modules: 'open', confidence: 'medium' }),
  row('Blackwell', ['10.0', '12.0'], ['12.8', null, 570, null], { modules: 'open' }),
  row('Hopper', ['9.0'], ['11.8', null, 520, null], { modules: 'either' }),
  row('Ada', ['8.9'], ['11.8', null, 520, null], { modules: 'either', confidence: 'medium' }),
  row('Ampere (Jetson)', ['8.7'], ['11.4', null, 470, null], { modules: 'either', confidence: 'low' }),
  row('Ampere', ['8.6'], ['11.1', null, 455, null], { modules: 'either', confidence: 'medium' }),
  row('Ampere', ['8.0'], ['11.0', null, 450, null], { modules: 'either' }),
  row('Turing', ['7.5'], ['10.0', null, 410, null], { modules: 'either' }),
  row('Volta (Jetson)', ['7.2'], ['10.0', 12, 410, 580], { modules: 'proprietary', confidence: 'low' }),
  row('Volta', ['7.0'], ['9.0', 12, 384, 580], { modules: 'proprietary' }),
  row('Pascal', ['6.0', '6.1', '6.2'], ['8.0', 12, 367, 580], { modules: 'proprietary' }),
  row('Maxwell', ['5.0', '5.2', '5.3'], ['6.5', 12, 340, 580], { modules: 'proprietary' }),
  row('Kepler', ['3.5', '3.7'], ['6.0', 11, 331, 470], { modules: 'proprietary' }),
  // When the first drivers came is not in the matrix; everything that has CUDA 9 has them.
  row('Kepler', ['3.0', '3.2'], ['6.0', 10, 331, 470], { modules: 'proprietary', confidence: 'medium' }),
  row('Fermi', ['2.0', '2.1'], ['3.0', 8, 304, 390], { modules: 'proprietary', confidence: 'medium' }),
];
