import {
  type Container,
  type Owner,
  type OwnerRow,
  type OwnerRowGpu,
  type Report,
  toldProcesses,
} from '../model/index.ts';

/** Where a report's owners are, and whether their numbers are of now. */
export interface OwnerRowPlace {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly current: boolean;
  readonly hostCudaVersion: string | null;
}

interface Made extends OwnerRowPlace {
  readonly rows: readonly OwnerRow[];
}

/** A report's rows are made once, however many ask for the fleet's. */
const made = new WeakMap<Report, Made>();
const collator = new Intl.Collator('en', { numeric: true });

/** Name, then key: as they stand on their host. */
export const compareOwners = (a: Pick<OwnerRow, 'name' | 'key'>, b: Pick<OwnerRow, 'name' | 'key'>): number =>
  collator.compare(a.name ?? a.key, b.name ?? b.key) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** Everyone who uses a GPU of the host or was granted one, by name. */
export function ownerRows(report: Report, place: OwnerRowPlace): readonly OwnerRow[] {
  const before = made.get(report);
  const isSame =
    before?.hostId === place.hostId &&
    before.hostname === place.hostname &&
    before.group === place.group &&
    before.current === place.current &&
    before.hostCudaVersion === place.hostCudaVersion;
  if (before !== undefined && isSame) return before.rows;
  const indexes = new Map(report.gpus.map((gpu) => [gpu.uuid, gpu.index]));
  const told = new Set(report.gpus.filter(toldProcesses).map(({ uuid }) => uuid));
  const rows = [
    ...report.containers.map((container) => ofContainer(container, place, { indexes, told })),
    ...(report.owners ?? []).map((owner) => ofOther(owner, place, indexes)),
  ].sort(compareOwners);
  made.set(report, { ...place, rows });
  return rows;
}

type Indexes = ReadonlyMap<string | null, number | null>;

const sumOf = (values: readonly (number | null)[]): number | null => {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0);
};

function usageOf({ gpus }: Pick<Owner, 'gpus'>, indexes: Indexes) {
  return {
    gpus: gpus.map(({ gpuUuid, gpuInstanceId }): OwnerRowGpu => {
      return { uuid: gpuUuid, index: indexes.get(gpuUuid) ?? null, gpuInstanceId };
    }),
    usedMemoryBytes: sumOf(gpus.map((use) => use.usedMemoryBytes)),
    smRatio: sumOf(gpus.map((use) => use.smRatio)),
  };
}

/** Null: not told, or told as a number of GPUs that nobody named. */
function grantedUuids({ grant }: Container): ReadonlySet<string> | null {
  if (grant === undefined) return null;
  if (grant === null) return new Set();
  return new Set([...grant.gpuUuids, ...grant.instances.map(({ gpuUuid }) => gpuUuid)]);
}

interface KnownGpus {
  readonly indexes: Indexes;
  /** Whose processes are known. */
  readonly told: ReadonlySet<string | null>;
}

function ofContainer(container: Container, place: OwnerRowPlace, { indexes, told }: KnownGpus): OwnerRow {
  const granted = grantedUuids(container);
  const used = new Set(container.gpus.map(({ gpuUuid }) => gpuUuid));
  const grantedGpus =
    granted === null ? null : granted.size > 0 ? granted.size : (container.grant?.count ?? 0);
  return {
    ...place,
    key: container.id,
    runtime: container.runtime,
    isContainer: true,
    name: container.name,
    nameProblem: container.nameProblem ?? null,
    image: container.image,
    cudaVersion: container.cudaVersion,
    namespace: container.namespace,
    pod: container.pod,
    person: container.person ?? null,
    state: container.state,
    startedAt: container.startedAt,
    grantedGpus,
    isGrantedIdle: [...(granted ?? [])].some((uuid) => told.has(uuid) && !used.has(uuid)),
    ...usageOf(container, indexes),
  };
}

const ofOther = (owner: Owner, place: OwnerRowPlace, indexes: Indexes): OwnerRow => ({
  ...place,
  key: owner.key,
  runtime: owner.kind,
  isContainer: false,
  name: owner.name,
  nameProblem: owner.nameProblem,
  image: null,
  cudaVersion: null,
  namespace: owner.namespace,
  pod: owner.kind === 'pod' ? owner.name : null,
  person: owner.person,
  state: null,
  startedAt: null,
  grantedGpus: null,
  isGrantedIdle: false,
  ...usageOf(owner, indexes),
});
