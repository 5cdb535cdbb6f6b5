import { type Container, longestContainerId, longestOwnerKey, type Problem } from '../../lib/model/index.ts';
import { pushLimits } from '../../lib/protocol/limits.ts';
import type { Snapshot } from './options.ts';

const mostProblems = 200;
/** What processes and containers may weigh: some 125,000 values, well below what the hub takes in one push. */
const mostWeight = 2_500_000;
const weightOfValue = 20;

/** What stays the same object from report to report (processes between two documents, labels) is weighed once. */
const weights = new WeakMap<object, number>();

/** What of a container comes from its engine, which is asked every few seconds, and not from its processes. */
const keptKeys: ReadonlySet<string> = new Set(['labels', 'injection', 'requirements', 'cuda', 'start']);

/** About the bytes of a value as JSON, never less than what counts its values. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return weightOfValue + value.length;
  if (typeof value !== 'object' || value === null) return weightOfValue;
  let weight = weightOfValue;
  // By position: an iterator would make an object for each.
  if (Array.isArray(value)) for (let at = 0; at < value.length; at += 1) weight += weightOf(value[at]);
  // Plain objects of our own: a list of the keys of each would be a tenth of all that a report allocates.
  else
    for (const key in value) {
      const each: unknown = value[key as keyof typeof value];
      weight += key.length + (keptKeys.has(key) ? keptWeightOf(each) : weightOf(each));
    }
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
    if (items.length <= most) return items;
    tell(field, items.length, most);
    return items.slice(0, most);
  };
  const takes = (added: number): boolean => {
    if (weight + added > mostWeight) return false;
    weight += added;
    return true;
  };
  const within = <T>(field: string, items: readonly T[], weigh: (item: T) => number): readonly T[] => {
    const kept = items.filter((item) => takes(weigh(item)));
    tell(field, items.length, kept.length);
    return kept;
  };
  const gpus = cut('report:/gpus', snapshot.gpus, pushLimits.gpus).map((gpu, position) => {
    const { throttleReasons, migDevices, processes } = gpu;
    const isShort =
      (throttleReasons?.length ?? 0) <= pushLimits.throttleReasons &&
      migDevices.length <= pushLimits.migDevices &&
      processes.length <= pushLimits.processesPerGpu;
    const weightBefore = weight;
    if (isShort && processes.every((process) => takes(keptWeightOf(process)))) return gpu;
    weight = weightBefore;
    const field = `report:/gpus[${position}]`;
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
  const fitContainer = (container: Container): Container => {
    const field = `report:/containers/${container.id.slice(0, 12)}/gpus`;
    const uses = cut(field, container.gpus, pushLimits.gpusPerContainer);
    return uses === container.gpus ? container : { ...container, gpus: uses };
  };
  const withShort = <T>(field: string, items: readonly T[], name: (item: T) => string, longest: number) => {
    const kept = items.filter((item) => name(item).length <= longest);
    const left = items.length - kept.length;
    if (left > 0)
      problems.push({
        field,
        text: `${left}`,
        message: `left out: a name longer than ${longest} characters`,
      });
    return kept;
  };
  const named = withShort('report:/containers', snapshot.containers, ({ id }) => id, longestContainerId);
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
  const keyed = withShort('report:/owners', snapshot.owners ?? [], ({ key }) => key, longestOwnerKey);
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
