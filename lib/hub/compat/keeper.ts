import { type CompatData, compatData } from '../../cuda-compat/index.ts';
import type { Fleet } from '../../fleet/index.ts';
import type { JudgedContainer } from '../../model/index.ts';
import type { Judge } from './judge.ts';
import { cannotUseCuda, judgedOf } from './judged.ts';

/** Verdicts of what runs and of what failed. Nothing is done per push: hosts that changed are judged at the tick. */
export interface CompatKeeper {
  readonly judge: Judge;
  /** The tables that count now, with the site's own rows. */
  tables(): CompatData;
  /** Of one host, as of the last tick. */
  ofHost(hostId: string): readonly JudgedContainer[];
  /** Those that cannot use CUDA, and those that run by minor-version compatibility only. */
  findings(): readonly JudgedContainer[];
  /** Judges hosts that changed since the last call; call it each second. */
  tick(): void;
}

export interface CompatKeeperOptions {
  readonly fleet: Fleet;
  readonly judge: Judge;
  /** The tables that count now; other ones are other verdicts of every host. */
  readonly tables?: () => CompatData;
}

export const isCompatFinding = (container: JudgedContainer): boolean =>
  cannotUseCuda(container) || (container.compat.way === 'minor-version' && container.exit === null);

export function createCompatKeeper({ fleet, judge, tables }: CompatKeeperOptions): CompatKeeper {
  let judgedBy = tables?.();
  const byHost = new Map<string, readonly JudgedContainer[]>();
  const findings = new Map<string, readonly JudgedContainer[]>();
  const changed = new Set<string>(fleet.summaries().map(({ id }) => id));
  let flat: readonly JudgedContainer[] | null = null;
  fleet.onChange((hostId) => changed.add(hostId));
  return {
    judge,
    tables: () => tables?.() ?? compatData,
    ofHost: (hostId) => byHost.get(hostId) ?? [],
    findings() {
      flat ??= [...findings.values()].flat();
      return flat;
    },
    tick() {
      const now = tables?.();
      if (now !== judgedBy) for (const { id } of fleet.summaries()) changed.add(id);
      judgedBy = now;
      for (const id of changed) {
        const [host, last] = [fleet.summary(id), fleet.lastReport(id)];
        const judged = host === null || last === null ? [] : judgedOf(judge, { host, report: last.report });
        if (judged.length === 0) byHost.delete(id);
        else byHost.set(id, judged);
        const found = judged.filter(isCompatFinding);
        if (found.length === 0 && !findings.has(id)) continue;
        if (found.length === 0) findings.delete(id);
        else findings.set(id, found);
        flat = null;
      }
      changed.clear();
    },
  };
}
