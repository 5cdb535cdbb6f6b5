import type { SiteCompatRows } from '../model/index.ts';
import { faultsOfData } from './data/check-data.ts';
import type { CompatData } from './data/index.ts';
import type { BranchRow, ForwardRow, ProductRow, ToolkitRow } from './data/rows.ts';
import { compareVersions } from './versions.ts';

export type SiteTables =
  | { readonly ok: true; readonly data: CompatData }
  /** What does not fit, a sentence each; then none of the rows counts. */
  | { readonly ok: false; readonly faults: readonly string[] };

const bySite = { source: 'site', confidence: 'high' } as const;

/** Rows of the site in the place of ours with the same key, and the rest beside them, in order. */
function merged<Row>(
  ours: readonly Row[],
  theirs: readonly Row[],
  keyOf: (row: Row) => string,
): readonly Row[] {
  const keys = new Set(theirs.map(keyOf));
  return [...theirs, ...ours.filter((row) => !keys.has(keyOf(row)))];
}

const full = (toolkit: string): string => (toolkit.split('.').length === 2 ? `${toolkit}.0` : toolkit);

/** The tables with what a site adds or says otherwise; held against the same checks as ours. */
export function withSiteRows(data: CompatData, rows: SiteCompatRows): SiteTables {
  const toolkits = rows.toolkits.map(
    ({ toolkit, linuxDriver }): ToolkitRow => ({
      toolkit: full(toolkit),
      linuxDriver,
      windowsDriver: null,
      ...bySite,
    }),
  );
  const branches = rows.branches.map(({ branch, cuda, supportedUntil }): BranchRow => {
    const ours = data.branches.find((each) => each.branch === branch);
    return {
      branch,
      cuda,
      kind: ours?.kind ?? null,
      firstRelease: ours?.firstRelease ?? null,
      newestKnown: ours?.newestKnown ?? null,
      supportedUntil: supportedUntil ?? ours?.supportedUntil ?? null,
      ...bySite,
    };
  });
  const allBranches = merged<BranchRow>(data.branches, branches, ({ branch }) => String(branch)).toSorted(
    (a, b) => b.branch - a.branch,
  );
  const packages = rows.packages.map(
    ({ compat, branches: taken }): ForwardRow => ({
      compat,
      branches: taken,
      pairs: allBranches.findLast(({ cuda }) => cuda === compat)?.branch ?? null,
      ...bySite,
    }),
  );
  const products = rows.gpus.map(
    ({ name, computeCapability, productClass }): ProductRow => ({
      names: name,
      computeCapability,
      productClass,
      ...bySite,
    }),
  );
  const made: CompatData = {
    ...data,
    toolkits: merged<ToolkitRow>(data.toolkits, toolkits, ({ toolkit }) => toolkit).toSorted((a, b) =>
      compareVersions(b.toolkit, a.toolkit),
    ),
    branches: allBranches,
    forward: merged<ForwardRow>(data.forward, packages, ({ compat }) => compat),
    products: merged<ProductRow>(data.products, products, ({ names }) => names.toLowerCase()),
  };
  const faults = faultsOfData(made);
  return faults.length === 0 ? { ok: true, data: made } : { ok: false, faults };
}
