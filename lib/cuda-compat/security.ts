import type { BranchSupport, KnownVulnerability } from '../model/index.ts';
import { type CompatData, compatData } from './data/index.ts';
import { sourceText } from './data/sources.ts';
import { compareVersions, isAtLeast, majorOf } from './versions.ts';

/** Known vulnerabilities of a driver, worst first; null for a branch that is newer than the bulletins. */
export function driverVulnerabilities(
  driver: string,
  data: CompatData = compatData,
): readonly KnownVulnerability[] | null {
  const branch = majorOf(driver);
  const row = data.branches.find((each) => each.branch === branch);
  if (branch === null || row === undefined) return null;
  const found = data.bulletins.flatMap(({ bulletin, published, cves, fixes }) => {
    const fix = fixes.find((each) => each.branch === branch);
    // After its end a branch is left out of the bulletins, and not because it is not affected.
    const isLeftBehind =
      fix === undefined && row.supportedUntil !== null && row.supportedUntil < published.slice(0, 7);
    const isOpen = fix === undefined ? isLeftBehind : !isAtLeast(driver, fix.version);
    if (!isOpen) return [];
    return (fix?.cves ?? Object.keys(cves)).map(
      (cve): KnownVulnerability => ({
        cve,
        cvss: cves[cve] ?? 0,
        bulletin,
        of: 'driver',
        fixedIn: fix?.version ?? null,
        condition: null,
      }),
    );
  });
  return byScore(found);
}

const conditions = {
  'not-with-cdi': 'not where GPUs are injected by CDI',
  'cdi-before-1.17.5': 'before 1.17.5 only in CDI mode',
} as const;

/** Known vulnerabilities of a version of the NVIDIA Container Toolkit, worst first. */
export const toolkitVulnerabilities = (
  toolkit: string,
  { toolkitCves }: CompatData = compatData,
): readonly KnownVulnerability[] =>
  byScore(
    toolkitCves
      .filter(({ fixedIn }) => !isAtLeast(toolkit, fixedIn))
      .map(({ cve, cvss, bulletin, fixedIn, condition }) => ({
        cve,
        cvss,
        bulletin,
        of: 'toolkit',
        fixedIn,
        condition: condition === null ? null : conditions[condition],
      })),
  );

const byScore = (all: readonly KnownVulnerability[]): readonly KnownVulnerability[] =>
  all.toSorted((a, b) => b.cvss - a.cvss || (a.cve < b.cve ? -1 : 1));

/** Lowest version of a branch that closes all that bulletins know; null: no bulletin names the branch. */
export function driverFloor(branch: number, { bulletins }: CompatData = compatData): string | null {
  const versions = bulletins.flatMap(({ fixes }) =>
    fixes.filter((each) => each.branch === branch).map(({ version }) => version),
  );
  return versions.sort(compareVersions).at(-1) ?? null;
}

/** How long the branch of a driver is supported; `today` is `YYYY-MM-DD`. Null: a branch in no table. */
export function branchSupport(
  driver: string,
  today: string,
  { branches }: CompatData = compatData,
): BranchSupport | null {
  const row = branches.find(({ branch }) => branch === majorOf(driver));
  if (row === undefined) return null;
  const { branch, kind, supportedUntil, source } = row;
  // The month in which it ends still counts.
  const isOver = supportedUntil === null ? null : today.slice(0, 7) > supportedUntil;
  return { branch, kind, supportedUntil, isOver, source: sourceText(source) };
}
