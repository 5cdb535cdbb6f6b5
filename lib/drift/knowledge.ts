/** What NVIDIA publishes of drivers and the Container Toolkit; kept with the CUDA tables and given to drift by the hub. */
export interface StackKnowledge {
  readonly branches: readonly {
    readonly branch: number;
    readonly kind: string | null;
    readonly newestKnown: string | null;
    /** Month in which support ends, `YYYY-MM`; null: not known. */
    readonly supportedUntil: string | null;
  }[];
  readonly bulletins: readonly {
    readonly bulletin: string;
    /** CVSS score by CVE. */
    readonly cves: Readonly<Record<string, number>>;
    readonly fixes: readonly {
      readonly branch: number;
      readonly version: string;
      /** Left out: all of the bulletin's. */
      readonly cves?: readonly string[];
    }[];
  }[];
  readonly toolkitCves: readonly {
    readonly cve: string;
    readonly bulletin: string;
    readonly cvss: number;
    readonly fixedIn: string;
    /** Hosts that it does not touch; null: it touches all. */
    readonly condition: 'not-with-cdi' | 'cdi-before-1.17.5' | null;
  }[];
}

export interface OpenCve {
  readonly cve: string;
  readonly cvss: number;
  readonly fixedIn: string;
  readonly bulletin: string;
}

/** 580 of `580.95.05`; null for what is no driver version. */
export function branchNumber(version: string): number | null {
  const branch = /^(\d{2,4})\.\d/.exec(version)?.[1];
  return branch === undefined ? null : Number(branch);
}

/** Month by month, `YYYY-MM`: how many lie between; below 0 when `until` is over. */
export function monthsLeft(until: string, nowIso: string): number {
  const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  return months(until) - months(nowIso);
}
