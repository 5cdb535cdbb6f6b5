import {
  type Container,
  type GpuUse,
  type MigDevice,
  type Owner,
  powerWattsOf,
  type Report,
  type ReportedGpu,
  toldProcesses,
} from '../model/index.ts';

/** What one reading says of one owner on one GPU. */
export interface OwnerReading {
  /** A container's id, or the key of another owner. */
  readonly key: string;
  readonly gpuUuid: string;
  /** How long the reading stands for; of a MIG instance, its part of that. */
  readonly seconds: number;
  readonly grantedSeconds: number;
  /** Null: the driver does not tell. */
  readonly usedMemoryBytes: number | null;
  /** Null: not told, or told too long ago to hold. */
  readonly smRatio: number | null;
  /** Its part of the GPU's energy; null: the GPU tells no power. */
  readonly energyJoules: number | null;
}

/** Shares that are older than so many intervals, and than a minute, say nothing of now. */
const freshIntervals = 6;
const freshSeconds = 60;

interface OwnedUse {
  readonly key: string;
  readonly gpu: ReportedGpu;
  /** On this GPU; empty: it was granted and none of its processes is there. */
  readonly uses: readonly GpuUse[];
  readonly granted: 'whole' | readonly MigDevice[] | null;
}

/** Everyone's account of one report: who was on which GPU, or had it granted, and what of it they used. */
export function ownerReadings(report: Report): OwnerReading[] {
  const known = new Map(report.gpus.filter(({ state }) => state === 'ok').map((gpu) => [gpu.uuid, gpu]));
  const owned = [
    ...report.containers.flatMap((each) => ofContainer(each, known)),
    ...(report.owners ?? []).flatMap((each) => ofOther(each, known)),
  ];
  const byGpu = Map.groupBy(owned, ({ gpu }) => gpu);
  return [...byGpu].flatMap(([gpu, ofGpu]) => onGpu(report, gpu, ofGpu));
}

/** The GPUs that answer, by uuid. */
type KnownGpus = ReadonlyMap<string | null, ReportedGpu>;

function ofContainer({ id, gpus, grant }: Container, known: KnownGpus): OwnedUse[] {
  const grantedWhole = new Set(grant?.gpuUuids ?? []);
  const instances = grant?.instances ?? [];
  const uuids = new Set([
    ...gpus.map((use) => use.gpuUuid),
    ...grantedWhole,
    ...instances.map((one) => one.gpuUuid),
  ]);
  return [...uuids].flatMap((uuid): OwnedUse[] => {
    const gpu = known.get(uuid);
    if (gpu === undefined) return [];
    const uses = gpus.filter((use) => use.gpuUuid === uuid);
    const devices = instances
      .filter((one) => one.gpuUuid === uuid)
      .flatMap(({ gpuInstanceId, computeInstanceId }) => deviceOf(gpu, { gpuInstanceId, computeInstanceId }));
    const granted = devices.length > 0 ? devices : grantedWhole.has(uuid) ? 'whole' : null;
    // Before the processes were read once, nobody knows whether it uses what it was granted.
    if (uses.length === 0 && gpu.detailsSampledAt === null) return [];
    return [{ key: id, gpu, uses, granted }];
  });
}

function ofOther({ key, gpus }: Owner, known: KnownGpus): OwnedUse[] {
  return [...Map.groupBy(gpus, (use) => use.gpuUuid)].flatMap(([uuid, uses]) => {
    const gpu = known.get(uuid);
    return gpu === undefined ? [] : [{ key, gpu, uses, granted: null }];
  });
}

type Instance = Pick<GpuUse, 'gpuInstanceId' | 'computeInstanceId'>;

function deviceOf(gpu: ReportedGpu, { gpuInstanceId, computeInstanceId }: Instance): MigDevice[] {
  return gpu.migDevices
    .filter((device) => device.gpuInstanceId === gpuInstanceId)
    .filter((device) => computeInstanceId === null || device.computeInstanceId === computeInstanceId)
    .slice(0, 1);
}

/** An instance's part of the GPU, by memory; null where that is not told. */
function partOf(gpu: ReportedGpu, { memory }: MigDevice): number | null {
  const whole = gpu.memory.totalBytes;
  if (whole === null || whole <= 0 || memory.totalBytes === null) return null;
  return Math.min(1, memory.totalBytes / whole);
}

/** How much of the GPU some of its instances are; null where nothing tells. */
function partsOf(gpu: ReportedGpu, devices: readonly MigDevice[]): number | null {
  const parts = [...new Set(devices)].map((device) => partOf(gpu, device)).filter((part) => part !== null);
  return parts.length === 0
    ? null
    : Math.min(
        1,
        parts.reduce((sum, part) => sum + part, 0),
      );
}

/** Part of the GPU that it occupies and that it was granted: 1 without MIG; null where nothing tells. */
function occupation({ gpu, uses, granted }: OwnedUse): { occupied: number | null; granted: number | null } {
  if (gpu.migMode?.current !== true) return { occupied: 1, granted: granted === null ? 0 : 1 };
  const used = uses.flatMap((use) => deviceOf(gpu, use));
  // All of a GPU in MIG mode means all of its instances.
  const given = granted === 'whole' ? gpu.migDevices : (granted ?? []);
  return { occupied: partsOf(gpu, [...used, ...given]), granted: partsOf(gpu, given) ?? 0 };
}

const sumOf = (values: readonly (number | null)[]): number | null => {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0);
};

/** A use's SM share; null: not told, or told too long ago to hold. */
export function freshShare(report: Report, { smRatio, sharesSampledAt }: GpuUse): number | null {
  if (!sharesSampledAt) return smRatio;
  const oldest = Math.max(freshSeconds, freshIntervals * report.intervalSeconds) * 1000;
  return Date.parse(report.takenAt) - Date.parse(sharesSampledAt) <= oldest ? smRatio : null;
}

/** Where none of its processes is on the GPU, it uses nothing of it; null where the report cannot say that. */
const nothingOf = (gpu: ReportedGpu): 0 | null => (toldProcesses(gpu) ? 0 : null);

/**
 * A GPU that did nothing did nothing for any of those on it. pmon prints a dash alike for a process without work and for
 * one that it knows nothing of, so without this no idle process would ever be told from an unknown one.
 */
const didNothing = ({ utilization, migMode }: ReportedGpu): boolean =>
  utilization.gpuRatio === 0 && migMode?.current !== true;

const smOf = (report: Report, { gpu, uses }: OwnedUse): number | null =>
  uses.length === 0
    ? nothingOf(gpu)
    : (sumOf(uses.map((use) => freshShare(report, use))) ?? (didNothing(gpu) ? 0 : null));

const memoryOf = ({ gpu, uses }: OwnedUse): number | null =>
  uses.length === 0 ? nothingOf(gpu) : sumOf(uses.map((use) => use.usedMemoryBytes));

function onGpu(report: Report, gpu: ReportedGpu, owned: readonly OwnedUse[]): OwnerReading[] {
  const accounts = owned.flatMap((each) => {
    const { occupied, granted } = occupation(each);
    return occupied === null ? [] : [{ each, occupied, granted: granted ?? 0, sm: smOf(report, each) }];
  });
  const weights = weightsOf(accounts);
  const all = Math.max(
    gpu.migMode?.current === true ? 1 : 0,
    weights.reduce((sum, weight) => sum + weight, 0),
  );
  const watts = powerWattsOf(gpu);
  return accounts.map(({ each, occupied, granted, sm }, index) => ({
    key: each.key,
    gpuUuid: gpu.uuid ?? '',
    seconds: occupied * report.intervalSeconds,
    grantedSeconds: granted * report.intervalSeconds,
    usedMemoryBytes: memoryOf(each),
    smRatio: sm,
    energyJoules:
      watts === null || all === 0 ? null : (watts * report.intervalSeconds * (weights[index] ?? 0)) / all,
  }));
}

/** By work where it is told of all and any of them works; else by the part of the GPU that each has. */
function weightsOf(
  accounts: readonly { readonly occupied: number; readonly sm: number | null }[],
): readonly number[] {
  const shares = accounts.map(({ sm }) => sm);
  const isTold = shares.every((share) => share !== null) && shares.some((share) => share > 0);
  return isTold ? shares.map((share) => share ?? 0) : accounts.map(({ occupied }) => occupied);
}
