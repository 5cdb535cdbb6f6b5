import type { Confidence } from '../../model/index.ts';
import type { SourceName } from './sources.ts';

/** Where a row is from, and how sure it is. `site`: the configuration of this site says so. */
export interface Sourced {
  readonly source: SourceName;
  readonly confidence: Confidence;
}

/** A CUDA toolkit and the driver that has all of it. */
export interface ToolkitRow extends Sourced {
  /** `12.8.1`. */
  readonly toolkit: string;
  /** `570.124.06`, or a branch alone. */
  readonly linuxDriver: string;
  /** Null: not published. */
  readonly windowsDriver: string | null;
}

/** From which driver on programs of a CUDA major run, whichever minor they were built with. */
export interface MinorFloorRow extends Sourced {
  readonly cudaMajor: number;
  readonly linuxDriver: string;
  /** Null: not published. */
  readonly windowsDriver: string | null;
}

export interface BranchRow extends Sourced {
  readonly branch: number;
  /** CUDA that a driver of this branch has: `12.8`. */
  readonly cuda: string;
  /** Null: not known. */
  readonly kind: 'long-term support' | 'production' | 'new feature' | null;
  /** `YYYY-MM-DD`; null: not known. */
  readonly firstRelease: string | null;
  readonly newestKnown: string | null;
  /** Month in which support ends, `YYYY-MM`; null: not known. */
  readonly supportedUntil: string | null;
}

/** One `cuda-compat` package. */
export interface ForwardRow extends Sourced {
  /** CUDA version of the package: `12.8`. */
  readonly compat: string;
  /** Driver branches that it is for. */
  readonly branches: readonly number[];
  /** The branch that has this CUDA itself; null: not known. */
  readonly pairs: number | null;
}

export interface CompatLibraryRow extends Sourced {
  readonly compat: string;
  readonly libcuda: string;
  readonly branches: readonly number[];
}

/** Which kernel modules drive a GPU. */
export type ModuleNeed = 'proprietary' | 'either' | 'open';

export interface ArchitectureRow extends Sourced {
  readonly name: string;
  readonly computeCapabilities: readonly string[];
  /** First CUDA toolkit with code for it. */
  readonly firstToolkit: string;
  /** Last CUDA major with code for it; null: still. */
  readonly lastToolkitMajor: number | null;
  readonly firstBranch: number;
  /** Last driver branch for it; null: still. */
  readonly lastBranch: number | null;
  readonly modules: ModuleNeed;
}

export interface ProductRow extends Sourced {
  readonly computeCapability: string;
  readonly productClass: 'data-center' | 'workstation' | 'geforce' | 'jetson';
  /** Words with which the name begins, after NVIDIA, Tesla, GRID and GeForce are taken off; a few of them, by ` | `. */
  readonly names: string;
  /** Where it is not that of its architecture. */
  readonly modules?: ModuleNeed;
}

export interface PciRow extends Sourced {
  readonly computeCapability: string;
  readonly modules: ModuleNeed;
  readonly deviceIds: string;
}

export interface DriverBulletinRow extends Sourced {
  readonly bulletin: string;
  /** `YYYY-MM-DD`. */
  readonly published: string;
  /** CVSS score by CVE. */
  readonly cves: Readonly<Record<string, number>>;
  readonly fixes: readonly {
    readonly branch: number;
    readonly version: string;
    /** Left out: all of the bulletin's. */
    readonly cves?: readonly string[];
  }[];
}

export interface ToolkitCveRow extends Sourced {
  readonly cve: string;
  readonly bulletin: string;
  readonly cvss: number;
  readonly fixedIn: string;
  /** Hosts that it does not touch; null: it touches all. */
  readonly condition: 'not-with-cdi' | 'cdi-before-1.17.5' | null;
}

export interface ToolkitReleaseRow extends Sourced {
  readonly version: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}
