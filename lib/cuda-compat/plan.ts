import {
  type CompatChange,
  type CompatContainer,
  type CompatHost,
  type CompatPlan,
  type KnownVulnerability,
  type OldestDriver,
  type PlannedContainer,
  runsAtAll,
  type Verdict,
} from '../model/index.ts';
import { type CompatData, compatData } from './data/index.ts';
import { withoutObserved } from './image-environment.ts';
import { judge } from './judge.ts';
import { notesOf } from './plan-notes.ts';
import { branchSupport, driverFloor, driverVulnerabilities, toolkitVulnerabilities } from './security.ts';
import { compareVersions, isAtLeast } from './versions.ts';

export interface PlanHost {
  readonly id: string;
  readonly host: CompatHost;
  /** As set in the toolkit's config.toml; null and `auto`: its default, which 1.18 changed. */
  readonly toolkitMode: string | null;
  /** Null: the host has none. */
  readonly fabricManagerVersion: string | null;
  readonly containers: readonly PlanContainer[];
}

export interface PlanContainer {
  readonly key: string;
  readonly container: CompatContainer;
  /** The host as it finds it, with the GPUs that it was given; left out: with all. */
  readonly host?: CompatHost;
}

export interface PlanOptions {
  /** `YYYY-MM-DD`. */
  readonly today: string;
  readonly data?: CompatData;
  /** A caller with a memory of verdicts gives it. */
  readonly judgeCase?: (host: CompatHost, container: CompatContainer) => Verdict;
}

/** The host after an upgrade. Whoever installs a driver chooses its kernel modules too. */
const changed = (host: CompatHost, { driver, toolkit }: CompatChange): CompatHost => ({
  ...host,
  ...(driver === null ? {} : { kernelDriverVersion: driver, moduleFlavour: null }),
  ...(toolkit === null ? {} : { toolkitVersion: toolkit }),
});

/** From 1.18.0 on the runtime injects by CDI, unless its configuration says otherwise. */
export function changesMode(
  { host, toolkitMode }: PlanHost,
  { toolkit }: CompatChange,
): 'to-cdi' | 'to-legacy' | null {
  const isDefault = toolkitMode === null || toolkitMode === 'auto';
  if (toolkit === null || !isDefault || host.toolkitVersion === null || host.isJetson) return null;
  const [before, after] = [isAtLeast(host.toolkitVersion, '1.18.0'), isAtLeast(toolkit, '1.18.0')];
  if (before === after) return null;
  return after ? 'to-cdi' : 'to-legacy';
}

function containerAfter(host: PlanHost, container: CompatContainer, change: CompatChange): CompatContainer {
  const mode = changesMode(host, change);
  if (mode === 'to-cdi' && container.injection === 'runtime-legacy')
    return { ...container, injection: 'runtime-cdi' };
  if (mode === 'to-legacy' && container.injection === 'runtime-cdi')
    return { ...container, injection: 'runtime-legacy' };
  return container;
}

const isAlike = (a: Verdict, b: Verdict): boolean => a.verdict === b.verdict && a.way === b.way;

function judgedBoth(
  hosts: readonly PlanHost[],
  change: CompatChange,
  options: PlanOptions,
): readonly PlannedContainer[] {
  const { data = compatData, judgeCase = (host, container) => judge(host, container, data) } = options;
  return hosts.flatMap((host) => {
    return host.containers.map(({ key, container, host: own = host.host }) => {
      const before = judgeCase(own, container);
      const unseen = withoutObserved(container);
      // Where the toolkit explains that a compat package is in use, or not, it decides anew after the upgrade.
      const isByToolkit = unseen !== container && isAlike(judgeCase(own, unseen), before);
      const after = containerAfter(host, isByToolkit ? unseen : container, change);
      return { hostId: host.id, key, before, after: judgeCase(changed(own, change), after) };
    });
  });
}

const isUnknown = ({ verdict }: Verdict): boolean => verdict === 'unknown';

/** What an upgrade of a group of hosts would do. Pure; `today` decides what support is over. */
export function planUpgrade(
  hosts: readonly PlanHost[],
  change: CompatChange,
  options: PlanOptions,
): CompatPlan {
  const { data = compatData, today } = options;
  const both = judgedBoth(hosts, change, options);
  const starts = both.filter(({ before, after }) => !runsAtAll(before) && runsAtAll(after));
  const stops = both.filter(
    ({ before, after }) => !runsAtAll(after) && !isUnknown(after) && (runsAtAll(before) || isUnknown(before)),
  );
  const told = new Set([...starts, ...stops]);
  const differs = both.filter(
    (each) =>
      !told.has(each) && (each.before.verdict !== each.after.verdict || each.before.way !== each.after.way),
  );
  return {
    change,
    hosts: hosts.length,
    containers: both.length,
    starts,
    stops,
    differs,
    unknown: both.filter(({ before, after }) => isUnknown(before) && isUnknown(after)).length,
    notes: notesOf(hosts, change, { today, data }),
    support: change.driver === null ? null : branchSupport(change.driver, today, data),
    ...vulnerabilities(hosts, change, data),
  };
}

/** Of all hosts together: what at least one has now, and none would; and what is left. */
function vulnerabilities(hosts: readonly PlanHost[], change: CompatChange, data: CompatData) {
  const before = new Map<string, KnownVulnerability>();
  const after = new Map<string, KnownVulnerability>();
  const add = (to: Map<string, KnownVulnerability>, driver: string | null, toolkit: string | null): void => {
    const all = [
      ...(driver === null ? [] : (driverVulnerabilities(driver, data) ?? [])),
      ...(toolkit === null ? [] : toolkitVulnerabilities(toolkit, data)),
    ];
    for (const each of all) to.set(each.cve, each);
  };
  const versions = new Map(
    hosts.map(({ host }) => [`${host.kernelDriverVersion} ${host.toolkitVersion}`, host]),
  );
  let isDriverKnown = true;
  for (const { kernelDriverVersion, toolkitVersion } of versions.values()) {
    add(before, kernelDriverVersion, toolkitVersion);
    const driver = change.driver ?? kernelDriverVersion;
    isDriverKnown &&= driver !== null && driverVulnerabilities(driver, data) !== null;
    add(after, driver, change.toolkit ?? toolkitVersion);
  }
  return {
    // Of a driver in no table nobody can say what it closes.
    closed: [...before.values()].filter(
      (each) => !after.has(each.cve) && (each.of === 'toolkit' || isDriverKnown),
    ),
    left: [...after.values()],
  };
}

/** Drivers worth going to: of each supported branch the one without known vulnerabilities, and the newest. */
function candidates({ branches, ...data }: CompatData, today: string): readonly string[] {
  return branches
    .filter(({ supportedUntil }) => supportedUntil !== null && today.slice(0, 7) <= supportedUntil)
    .flatMap(({ branch, newestKnown }) => [driverFloor(branch, { branches, ...data }), newestKnown])
    .filter((version) => version !== null)
    .sort(compareVersions);
}

/** The oldest driver of a supported branch on which every container of these hosts runs. */
export function oldestDriver(hosts: readonly PlanHost[], options: PlanOptions): OldestDriver {
  const { data = compatData, today } = options;
  let fewest: { readonly blockers: readonly PlannedContainer[]; readonly unknown: number } | null = null;
  for (const driver of candidates(data, today)) {
    const all = judgedBoth(hosts, { driver, toolkit: null }, options);
    const blockers = all.filter(({ after }) => !runsAtAll(after) && !isUnknown(after));
    const unknown = all.filter(({ after }) => isUnknown(after)).length;
    if (blockers.length === 0)
      return { driver, support: branchSupport(driver, today, data), blockers: [], unknown };
    if (fewest === null || blockers.length < fewest.blockers.length) fewest = { blockers, unknown };
  }
  return { driver: null, support: null, blockers: fewest?.blockers ?? [], unknown: fewest?.unknown ?? 0 };
}
