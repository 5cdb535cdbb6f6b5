import { type Container, longestContainerId, longestOwnerKey, type Problem } from '../../lib/model/index.ts';
import { pushLimits } from '../../lib/protocol/limits.ts';
import type { Snapshot } from './options.ts';

const mostProblems = 200;
/** What processes and containers may weigh: some 125,000 values, well below what the hub takes in one push. */
const mostWeight = 2_500_000;
const weightOfValue = 20;

/** What stays the same object from report to report (processes between two documents, labels) is weighed once. */
const weights = new WeakMap<object, number>();

/** About the bytes of a value as JSON, never less than what counts its values. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return weightOfValue + value.length;
  if (typeof value !== 'object' || value === null) return weightOfValue;
  let weight = weightOfValue;
  if (Array.isArray(value)) for (const each of value) weight += weightOf(each);
  else
    for (const [key, each] of Object.entries(value))
      weight += key.length + (key === 'labels' ? keptWeightOf(each) : weightOf(each));
  return weight;
}

function keptWeightOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return weightOf(value);
  const before = weights.get(value);
  if (before !== undefined) return before;
  const weight = weightOf(value);
  weights.set(value, weight);
  return weight;
}

/**
 * The same reading within what the hub takes: a host with too much of something is shown with less of it and a
 * problem that says so, and not refused as a whole.
 */
export function fitSnapshot(snapshot: Snapshot): Snapshot {
  const problems: Problem[] = [];
  let weight = 0;
  const tell = (field: string, all: number, kept: number): void => {
    if (kept < all)
      problems.push({ field, text: `${all}`, message: `are more than the ${kept} that are reported` });
  };
  const cut = <T>(field: string, items: readonly T[], most: number): readonly T[] => {
    tell(field, items.length, Math.min(items.length, most));
    return items.slice(0, most);
  };
  const within = <T>(field: string, items: readonly T[], weigh: (item: T) => number): readonly T[] => {
    const kept = items.filter((item) => {
      const added = weigh(item);
      if (weight + added > mostWeight) return false;
      weight += added;
      return true;
    });
    tell(field, items.length, kept.length);
    return kept;
  };
  const gpus = cut('report:/gpus', snapshot.gpus, pushLimits.gpus).map((gpu, position) => {
    const field = `report:/gpus[${position}]`;
    const { throttleReasons, migDevices, processes } = gpu;
    return {
      ...gpu,
      throttleReasons:
        throttleReasons && cut(`${field}/throttleReasons`, throttleReasons, pushLimits.throttleReasons),
      migDevices: cut(`${field}/migDevices`, migDevices, pushLimits.migDevices),
      processes: within(
        `${field}/processes`,
        cut(`${field}/processes`, processes, pushLimits.processesPerGpu),
        keptWeightOf,
      ),
    };
  });
  const fitContainer = (container: Container): Container => ({
    ...container,
    gpus: cut(
      `report:/containers/${container.id.slice(0, 12)}/gpus`,
      container.gpus,
      pushLimits.gpusPerContainer,
    ),
  });
  const named = snapshot.containers.filter(({ id }) => id.length <= longestContainerId);
  const containers = within(
    'report:/containers',
    cut('report:/containers', named, pushLimits.containers).map(fitContainer),
    weightOf,
  );
  const failedContainers = within(
    'report:/failedContainers',
    cut('report:/failedContainers', snapshot.failedContainers ?? [], pushLimits.failedContainers),
    weightOf,
  );
  const keyed = (snapshot.owners ?? []).filter(({ key }) => key.length <= longestOwnerKey);
  const owners = within('report:/owners', cut('report:/owners', keyed, pushLimits.owners), weightOf);
  const all = [...problems, ...snapshot.problems];
  const pciGpus = snapshot.pciGpus?.slice(0, pushLimits.pciGpus) ?? null;
  return {
    ...snapshot,
    gpus,
    containers,
    failedContainers,
    owners,
    pciGpus,
    problems: distinct(all).slice(0, mostProblems),
  };
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.field}\0${problem.text}`, problem])).values()];
}
