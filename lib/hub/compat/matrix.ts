import {
  type CompatCell,
  type CompatGroup,
  type CompatHost,
  type CompatImageRow,
  type CompatWay,
  type Injection,
  type VerdictKind,
  verdictKinds,
} from '../../model/index.ts';
import { type CheckedHost, injectedBy, noHosts } from './check.ts';
import { compatHostOf, hostInjection, hostKey } from './facts.ts';
import type { FleetImage } from './images.ts';
import type { Judge } from './judge.ts';

const isSilent = ({ host }: CheckedHost): boolean => host.state === 'gone';

function counted(values: readonly (string | null)[]): { version: string; hosts: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([version, hosts]) => ({ version, hosts })).sort((a, b) => b.hosts - a.hosts);
}

/** Hosts by their group, by name. */
export function groupsOf(hosts: readonly CheckedHost[]): ReadonlyMap<string, readonly CheckedHost[]> {
  const groups = Map.groupBy(hosts, ({ host }) => host.group);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function groupView(group: string, hosts: readonly CheckedHost[]): CompatGroup {
  const injections = new Set<Injection>();
  for (const { report } of hosts) {
    const way = hostInjection(report);
    if (way !== null) injections.add(way);
  }
  return {
    group,
    hosts: hosts.length,
    silentHosts: hosts.filter(isSilent).length,
    drivers: counted(hosts.map(({ host }) => host.driverVersion)),
    toolkits: counted(hosts.map(({ report }) => report.stack.containerToolkitVersion)),
    gpus: [...new Set(hosts.flatMap(({ report }) => report.gpus.flatMap(({ name }) => name ?? [])))],
    injections: [...injections],
  };
}

/** The verdict of most hosts; of two as frequent the worse. */
function mostOf(counts: Readonly<Record<VerdictKind, number>>): VerdictKind | null {
  let most: VerdictKind | null = null;
  for (const kind of verdictKinds)
    if (counts[kind] > 0 && counts[kind] >= (most === null ? 1 : counts[most])) most = kind;
  return most;
}

interface HostKind {
  readonly host: CompatHost;
  readonly injection: Injection | null;
  readonly hosts: number;
}

const kinds = new WeakMap<readonly CheckedHost[], readonly HostKind[]>();

/** Hosts that get the same verdicts, counted once for all images; those that are silent get none. */
function kindsOf(hosts: readonly CheckedHost[]): readonly HostKind[] {
  const known = kinds.get(hosts);
  if (known !== undefined) return known;
  const found = new Map<string, HostKind>();
  for (const each of hosts) {
    if (isSilent(each)) continue;
    const host = compatHostOf(each.report);
    const injection = hostInjection(each.report);
    const key = `${hostKey(host)}\n${injection}`;
    const kind = found.get(key);
    found.set(key, { host: kind?.host ?? host, injection, hosts: (kind?.hosts ?? 0) + 1 });
  }
  const made = [...found.values()];
  kinds.set(hosts, made);
  return made;
}

/** The way of most of those hosts, whichever was looked at last. */
const wayOfMost = (ways: ReadonlyMap<CompatWay | null, number> = new Map()): CompatWay | null =>
  [...ways].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;

function cellOf(judge: Judge, image: FleetImage, group: string, hosts: readonly CheckedHost[]): CompatCell {
  const hostsByVerdict = noHosts();
  const ways = new Map<VerdictKind, Map<CompatWay | null, number>>();
  for (const kind of kindsOf(hosts)) {
    const { verdict, way } = judge.outcome(kind.host, injectedBy(image.container, kind.injection));
    hostsByVerdict[verdict] += kind.hosts;
    const ofVerdict = ways.get(verdict) ?? new Map<CompatWay | null, number>();
    ways.set(verdict, ofVerdict.set(way, (ofVerdict.get(way) ?? 0) + kind.hosts));
  }
  const verdict = mostOf(hostsByVerdict);
  return {
    group,
    hostsByVerdict,
    verdict,
    way: verdict === null ? null : wayOfMost(ways.get(verdict)),
    containers: image.runningIn.filter((each) => each === group).length,
  };
}

/** One row: the image on every group. */
export function imageRow(
  judge: Judge,
  image: FleetImage,
  groups: ReadonlyMap<string, readonly CheckedHost[]>,
): CompatImageRow {
  return {
    reference: image.reference,
    imageId: image.imageId,
    cuda: image.container.cuda?.version ?? null,
    cudaFrom: image.cudaFrom,
    requirements: image.container.requirements,
    running: image.runningIn.length,
    failed: image.failed,
    cells: [...groups].map(([group, hosts]) => cellOf(judge, image, group, hosts)),
  };
}
