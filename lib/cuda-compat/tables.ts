import type { CompatData } from './data/index.ts';
import type {
  ArchitectureRow,
  BranchRow,
  CompatLibraryRow,
  ForwardRow,
  MinorFloorRow,
  ToolkitRow,
} from './data/rows.ts';
import { compareVersions, isAtLeast, majorMinorOf, majorOf } from './versions.ts';

/** The tables, found by what a rule asks. */
export interface Tables {
  readonly data: CompatData;
  readonly newestBranch: number;
  readonly newestCuda: string;
  /** The row that holds for a CUDA version: its own, or that of the last patch before it. */
  toolkitOf(cuda: string): ToolkitRow | null;
  minorFloorOf(cudaMajor: number): MinorFloorRow | null;
  branchOf(driver: string): BranchRow | null;
  /** The branch that has a CUDA version by itself. */
  branchWithCuda(majorMinor: string): BranchRow | null;
  architectureOf(computeCapability: string): ArchitectureRow | null;
  forwardOf(majorMinor: string): ForwardRow | null;
  olderForwardOf(majorMinor: string): ForwardRow | null;
  libraryOf(majorMinor: string): CompatLibraryRow | null;
  /** CUDA of a driver; `orNewer` where the driver is newer than the tables. Null: older than they are. */
  cudaOfDriver(
    driver: string,
    isWsl: boolean,
  ): { readonly version: string; readonly orNewer: boolean } | null;
}

const kept = new WeakMap<CompatData, Tables>();

export function tablesOf(data: CompatData): Tables {
  const known = kept.get(data);
  if (known !== undefined) return known;
  const made = makeTables(data);
  kept.set(data, made);
  return made;
}

function makeTables(data: CompatData): Tables {
  const branches = new Map(data.branches.map((row) => [row.branch, row]));
  const byCuda = new Map(data.branches.toReversed().map((row) => [row.cuda, row]));
  const architectures = new Map(
    data.architectures.flatMap((row) => row.computeCapabilities.map((each) => [each, row] as const)),
  );
  const byCompat = <Row extends { readonly compat: string }>(rows: readonly Row[]) =>
    new Map(rows.map((row) => [row.compat, row]));
  const [forward, older, libraries] = [
    byCompat(data.forward),
    byCompat(data.olderForward),
    byCompat(data.libraries),
  ];
  const newestBranch = Math.max(...branches.keys());
  const newestCuda =
    [...data.toolkits].sort((a, b) => compareVersions(b.toolkit, a.toolkit))[0]?.toolkit ?? '0';
  return {
    data,
    newestBranch,
    newestCuda: majorMinorOf(newestCuda) ?? '0.0',
    toolkitOf: rememberBy((cuda) => toolkitRow(data.toolkits, cuda)),
    minorFloorOf: (major) => data.minorFloors.find(({ cudaMajor }) => cudaMajor === major) ?? null,
    branchOf: (driver) => branches.get(majorOf(driver) ?? -1) ?? null,
    branchWithCuda: (majorMinor) => byCuda.get(majorMinor) ?? null,
    architectureOf: (computeCapability) => architectures.get(computeCapability) ?? null,
    forwardOf: (majorMinor) => forward.get(majorMinor) ?? null,
    olderForwardOf: (majorMinor) => older.get(majorMinor) ?? null,
    libraryOf: (majorMinor) => libraries.get(majorMinor) ?? null,
    cudaOfDriver(driver, isWsl) {
      if (isWsl) return cudaOfWindowsDriver(data, driver);
      const branch = majorOf(driver);
      const row = branch === null ? undefined : branches.get(branch);
      if (row !== undefined) return { version: row.cuda, orNewer: false };
      const before = data.branches.find((each) => each.branch < (branch ?? 0));
      return before === undefined ? null : { version: before.cuda, orNewer: true };
    },
  };
}

/** A fleet asks for the same few again and again. */
function rememberBy<T>(find: (key: string) => T): (key: string) => T {
  const found = new Map<string, T>();
  return (key) => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const made = find(key);
    if (found.size < 1000) found.set(key, made);
    return made;
  };
}

function toolkitRow(rows: readonly ToolkitRow[], cuda: string): ToolkitRow | null {
  const wanted = majorMinorOf(cuda);
  const ofMinor = rows
    .filter(({ toolkit }) => majorMinorOf(toolkit) === wanted)
    .sort((a, b) => compareVersions(b.toolkit, a.toolkit));
  return ofMinor.find(({ toolkit }) => isAtLeast(cuda, toolkit)) ?? ofMinor.at(-1) ?? null;
}

function cudaOfWindowsDriver({ toolkits }: CompatData, driver: string) {
  const first = toolkits.filter(
    ({ toolkit, windowsDriver }) => /\.0$/.test(toolkit) && windowsDriver !== null,
  );
  const row = first.find(({ windowsDriver }) => isAtLeast(driver, windowsDriver ?? ''));
  const version = row === undefined ? null : majorMinorOf(row.toolkit);
  return version === null ? null : { version, orNewer: row === first[0] };
}
