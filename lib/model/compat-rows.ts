import type { GpuProductClass } from './compat.ts';

/** What a site adds to the tables of CUDA compatibility, or says otherwise, in its fleet file. */
export interface SiteCompatRows {
  readonly toolkits: readonly { readonly toolkit: string; readonly linuxDriver: string }[];
  readonly branches: readonly {
    readonly branch: number;
    readonly cuda: string;
    /** `YYYY-MM`; null: not told. */
    readonly supportedUntil: string | null;
  }[];
  readonly packages: readonly { readonly compat: string; readonly branches: readonly number[] }[];
  readonly gpus: readonly {
    readonly name: string;
    readonly computeCapability: string;
    readonly productClass: GpuProductClass;
  }[];
}

export const noCompatRows: SiteCompatRows = { toolkits: [], branches: [], packages: [], gpus: [] };
