import {
  type CompatContainer,
  type CompatHostView,
  type CompatOutcome,
  type HostSummary,
  type Injection,
  type Report,
  runsAtAll,
  toldProcesses,
  type Verdict,
  type VerdictKind,
  verdictKinds,
} from '../../model/index.ts';
import { compatHostOf, hostInjection } from './facts.ts';
import type { Judge } from './judge.ts';

export interface CheckedHost {
  readonly host: HostSummary;
  readonly report: Report;
}

/** GPUs given to a container by name, as a scheduler does: its own even while it is idle. */
function givenGpus({ containers }: Report): ReadonlySet<string> {
  const named = containers.flatMap(({ grant }) => (grant == null || grant.all ? [] : [grant]));
  return new Set(
    named.flatMap(({ gpuUuids, instances }) => [...gpuUuids, ...instances.map((each) => each.gpuUuid)]),
  );
}

/** GPUs that are known to be used by nobody now, and that no container was given by name; null while nothing is. */
export function freeGpusOf({ host, report }: CheckedHost): number | null {
  if (!host.current) return null;
  const given = givenGpus(report);
  return report.gpus.filter(
    (gpu) => gpu.processes.length === 0 && toldProcesses(gpu) && (gpu.uuid === null || !given.has(gpu.uuid)),
  ).length;
}

const injected = new WeakMap<CompatContainer, Map<Injection | null, CompatContainer>>();

/** The container as a host would inject its GPUs; where the container says itself, that counts. One object for each way. */
export function injectedBy(container: CompatContainer, way: Injection | null): CompatContainer {
  if (container.injection !== null) return container;
  const known = injected.get(container) ?? new Map<Injection | null, CompatContainer>();
  injected.set(container, known);
  const made = known.get(way) ?? { ...container, injection: way };
  known.set(way, made);
  return made;
}

/** How it is judged on each host: as told, else the way in which that host injects, with its own toolkit. */
export function judgeOn(
  judge: Judge,
  container: CompatContainer,
  { report }: CheckedHost,
  toolkit: string | null = null,
): Verdict {
  const own = compatHostOf(report);
  const host = toolkit === null ? own : { ...own, toolkitVersion: toolkit };
  return judge.verdict(host, injectedBy(container, hostInjection(report)));
}

export const noHosts = (): Record<VerdictKind, number> => ({
  runs: 0,
  'runs-with-limits': 0,
  'refused-at-start': 0,
  'fails-at-init': 0,
  'gpu-not-supported': 0,
  unknown: 0,
});

const rank = ({ verdict }: Verdict): number => {
  const at = verdictKinds.indexOf(verdict);
  return verdict === 'unknown' ? 2 : at < 2 ? at : at + 1;
};

export interface Checked {
  readonly hostsByVerdict: Readonly<Record<VerdictKind, number>>;
  readonly outcomes: readonly CompatOutcome[];
}

const byFreeGpus = (a: CompatHostView, b: CompatHostView): number =>
  (b.freeGpus ?? -1) - (a.freeGpus ?? -1) || (a.hostname < b.hostname ? -1 : 1);

/** A container on each of these hosts; best verdict first, hosts with free GPUs first. */
export function checkOn(
  judge: Judge,
  container: CompatContainer,
  hosts: Iterable<CheckedHost>,
  toolkit: string | null = null,
): Checked {
  const byVerdict = new Map<Verdict, CompatHostView[]>();
  const hostsByVerdict = noHosts();
  for (const each of hosts) {
    const verdict = judgeOn(judge, container, each, toolkit);
    const { id, hostname, group } = each.host;
    hostsByVerdict[verdict.verdict] += 1;
    const views = byVerdict.get(verdict) ?? [];
    byVerdict.set(verdict, views);
    views.push({ id, hostname, group, freeGpus: freeGpusOf(each) });
  }
  const outcomes = [...byVerdict]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([verdict, views]) => ({ verdict, hosts: views.sort(byFreeGpus) }));
  return { hostsByVerdict, outcomes };
}

const mostElsewhere = 10;

/** Hosts where it would run now and a GPU is free. */
export const elsewhereOf = ({ outcomes }: Checked): readonly CompatHostView[] =>
  outcomes
    .filter(({ verdict }) => runsAtAll(verdict))
    .flatMap(({ hosts }) => hosts.filter(({ freeGpus }) => (freeGpus ?? 0) > 0))
    .slice(0, mostElsewhere);
