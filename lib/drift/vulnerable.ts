import { versionOrder } from '../model/index.ts';
import { branchNumber, type OpenCve, type StackKnowledge } from './knowledge.ts';

const worstFirst = (cves: Iterable<OpenCve>): readonly OpenCve[] =>
  [...cves].sort((a, b) => b.cvss - a.cvss || (a.cve < b.cve ? -1 : 1));

/** What a driver is open to that its own branch has closed since; the worst first. */
export function openDriverCves(driver: string, { bulletins }: StackKnowledge): readonly OpenCve[] {
  const branch = branchNumber(driver);
  const found = new Map<string, OpenCve>();
  for (const { bulletin, cves, fixes } of bulletins)
    for (const fix of fixes) {
      if (fix.branch !== branch || versionOrder(driver, fix.version) >= 0) continue;
      for (const cve of fix.cves ?? Object.keys(cves))
        found.set(cve, { cve, cvss: cves[cve] ?? 0, fixedIn: fix.version, bulletin });
    }
  return worstFirst(found.values());
}

/** Whether containers get their GPUs by CDI where the toolkit decides; null: not known. */
function usesCdi(version: string, mode: string | null): boolean | null {
  if (mode === null) return null;
  if (mode === 'cdi' || mode === 'jit-cdi') return true;
  // From 1.18.0 on, `auto` makes a specification as it starts a container.
  return mode === 'auto' && versionOrder(version, '1.18.0') >= 0;
}

/** What a Container Toolkit is open to, as it is configured; the worst first. */
export function openToolkitCves(
  version: string,
  mode: string | null,
  { toolkitCves }: StackKnowledge,
): readonly OpenCve[] {
  const cdi = usesCdi(version, mode);
  return worstFirst(
    toolkitCves.filter(({ fixedIn, condition }) => {
      if (versionOrder(version, fixedIn) >= 0) return false;
      if (condition === 'not-with-cdi') return cdi !== true;
      if (condition === 'cdi-before-1.17.5') return versionOrder(version, '1.17.5') >= 0 || cdi !== false;
      return true;
    }),
  );
}

/** The version that closes all of them; null where there are none. */
export const closingVersion = (cves: readonly OpenCve[]): string | null =>
  cves.reduce<string | null>(
    (most, { fixedIn }) => (most === null || versionOrder(fixedIn, most) > 0 ? fixedIn : most),
    null,
  );
