/** A driver branch and until when its maker supports it. */
export interface DriverBranch {
  readonly branch: number;
  readonly kind: 'long-term support' | 'production' | 'new feature';
  /** Month in which support ends, `YYYY-MM`. */
  readonly supportedUntil: string;
  readonly source: string;
}

const nvidia =
  'https://docs.nvidia.com/datacenter/tesla/drivers/615/supported-drivers-and-cuda-toolkit-versions.html';
const endOfLife = 'https://endoflife.date/nvidia-driver';

/** When the table was last compared with its sources. */
export const driverBranchesAsOf = '2026-11';

/** Branches whose end is known. NVIDIA's own table where it lists the branch, else endoflife.date. */
export const driverBranches: readonly DriverBranch[] = [
  { branch: 610, kind: 'new feature', supportedUntil: '2026-08', source: nvidia },
  { branch: 595, kind: 'production', supportedUntil: '2027-03', source: nvidia },
  { branch: 580, kind: 'long-term support', supportedUntil: '2028-06', source: nvidia },
  { branch: 575, kind: 'new feature', supportedUntil: '2026-06', source: endOfLife },
  { branch: 570, kind: 'production', supportedUntil: '2026-01', source: endOfLife },
  { branch: 565, kind: 'production', supportedUntil: '2025-10', source: endOfLife },
  { branch: 560, kind: 'production', supportedUntil: '2025-08', source: endOfLife },
  { branch: 555, kind: 'new feature', supportedUntil: '2025-06', source: endOfLife },
  { branch: 550, kind: 'production', supportedUntil: '2025-04', source: endOfLife },
  { branch: 545, kind: 'new feature', supportedUntil: '2024-10', source: endOfLife },
  { branch: 535, kind: 'long-term support', supportedUntil: '2026-06', source: nvidia },
  { branch: 525, kind: 'production', supportedUntil: '2023-12', source: endOfLife },
  { branch: 515, kind: 'production', supportedUntil: '2023-05', source: endOfLife },
  { branch: 510, kind: 'production', supportedUntil: '2023-01', source: endOfLife },
  { branch: 470, kind: 'long-term support', supportedUntil: '2024-07', source: endOfLife },
];

/** The branch of a driver version; null for one whose end is not known. */
export function driverBranchOf(version: string): DriverBranch | null {
  const branch = Number(/^\d+(?=\.)/.exec(version)?.[0]);
  return driverBranches.find((each) => each.branch === branch) ?? null;
}

/** Whether support has ended by `nowIso`: the month in which it ends still counts. */
export const isOutOfSupport = ({ supportedUntil }: DriverBranch, nowIso: string): boolean =>
  nowIso.slice(0, 7) > supportedUntil;
