import type { CompatContainer, CompatFix, CompatHost, Verdict } from '../model/index.ts';
import { type CompatData, compatData } from './data/index.ts';
import { decide } from './decide.ts';
import { fixesOf } from './fixes.ts';
import { tablesOf } from './tables.ts';

/** Whether a container runs on a host, why, and what would help. Pure; what is not known stays unknown. */
export function judge(host: CompatHost, container: CompatContainer, data: CompatData = compatData): Verdict {
  const tables = tablesOf(data);
  const decision = decide(host, container, tables);
  let fixes: readonly CompatFix[] | null = null;
  return {
    ...decision,
    // Each fix is tried, which costs more than the verdict; a matrix of a fleet asks for none.
    get fixes() {
      fixes ??= fixesOf({ host, container }, decision, tables);
      return fixes;
    },
  };
}
