import type { ContainerStack, MappedCuda } from '../../../lib/host-facts/index.ts';
import type { ContainerCuda, FoundCompat, FoundCuda } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { concurrently } from '../concurrently.ts';
import { createPacer } from '../pacer.ts';
import { readImageFiles, readMapped, readWheel } from './read.ts';

/** A running container that is looked into. */
export interface CudaTarget {
  readonly id: string;
  /** Changes when it is started again. */
  readonly startedAt: string | null;
  /** What its engine says; null where none could be asked. */
  readonly stack: ContainerStack | null;
  /** Its processes on a GPU, each with what tells it from a later one with the same pid. */
  readonly processes: readonly { readonly pid: number; readonly identity: string }[];
}

export interface CudaFacts {
  start(): Promise<void>;
  /** There may be new containers or processes, which their engine tells of in a moment. */
  hurry(): void;
  /** An engine told of another container, or of one otherwise than before. */
  again(): void;
  /** Null: not looked at yet. */
  of(containerId: string): ContainerCuda | null;
  stop(): Promise<void>;
}

/** Who is told when something comes or goes has nothing to find in between. */
const intervalSeconds = 60;
/** Some are left for the next round. */
const backlogSeconds = 5;
const hurriedSeconds = 0.2;
const looksAtOnce = 4;
/** Of one container; workers of one job have the same libraries. */
const mostProcesses = 3;
/** Newly started in one round; a host with more is learned over several. */
const mostLooksARound = 32;

export const notPermitted =
  'the agent may not look into its processes; installed with --access processes it may';

interface Known {
  readonly key: string;
  readonly cuda: ContainerCuda;
}

/**
 * The CUDA in running containers: libraries that their GPU processes have mapped, and files of their images. A process
 * is looked into once, so that a host where nothing starts costs nothing.
 */
export function createCudaFacts(access: HostAccess, targets: () => readonly CudaTarget[]): CudaFacts {
  let known: ReadonlyMap<string, Known> = new Map();
  const pacer = createPacer(async () => {
    const wanted = targets();
    const next = new Map<string, Known>();
    let left = mostLooksARound;
    await concurrently(wanted, looksAtOnce, async (target) => {
      const key = keyOf(target);
      const before = known.get(target.id);
      if (before?.key === key) next.set(target.id, before);
      else if (left > 0) {
        left -= 1;
        next.set(target.id, { key, cuda: await lookInto(access, target) });
      } else if (before !== undefined) next.set(target.id, before);
    });
    known = next;
    return left > 0 ? intervalSeconds : backlogSeconds;
  });
  return {
    start: () => pacer.start(),
    hurry: () => pacer.hurry(hurriedSeconds),
    again: () => pacer.hurry(0),
    of: (id) => known.get(id)?.cuda ?? null,
    stop: () => pacer.stop(),
  };
}

const keyOf = ({ startedAt, stack, processes }: CudaTarget): string =>
  JSON.stringify([
    startedAt,
    stack?.initPid,
    ...processes.slice(0, mostProcesses).map((each) => each.identity),
  ]);

async function lookInto(access: HostAccess, { stack, processes }: CudaTarget): Promise<ContainerCuda> {
  const told = stack?.evidence ?? [];
  const looked = processes.slice(0, mostProcesses);
  const mapped: { readonly pid: number; readonly found: MappedCuda }[] = [];
  let isRefused = false;
  for (const { pid } of looked) {
    const outcome = await readMapped(access, pid);
    if ('value' in outcome) mapped.push({ pid, found: outcome.value });
    isRefused ||= 'refused' in outcome;
  }
  const seen = await mappedEvidence(access, mapped);
  const pid = mapped[0]?.pid ?? looked[0]?.pid ?? stack?.initPid ?? null;
  const isTold = [...seen, ...told].some(
    ({ kind, version }) => kind !== 'requirement' && version.includes('.'),
  );
  const files = pid === null ? null : await readImageFiles(access, pid, !isTold);
  isRefused ||= files !== null && 'refused' in files;
  const inImage = files !== null && 'value' in files ? files.value : null;
  const version = inImage?.version ?? null;
  return {
    evidence: inOrder([...seen, ...told, ...(version === null ? [] : [version])]),
    compat: compatOf(
      mapped.map(({ found }) => found),
      inImage?.compat ?? stack?.compat ?? null,
    ),
    isLookedInto: inImage !== null,
    problem: isRefused ? notPermitted : null,
  };
}

async function mappedEvidence(
  access: HostAccess,
  mapped: readonly { readonly pid: number; readonly found: MappedCuda }[],
): Promise<readonly FoundCuda[]> {
  const all = new Map<string, FoundCuda>();
  for (const { pid, found } of mapped) {
    const isWhole = found.evidence.some(({ version }) => version.includes('.'));
    const wheel =
      isWhole || found.wheelsFolder === null ? null : await readWheel(access, pid, found.wheelsFolder);
    for (const each of wheel === null ? found.evidence : [wheel, ...found.evidence])
      if (!all.has(each.version)) all.set(each.version, each);
  }
  return [...all.values()].sort(
    (a, b) => Number(!a.version.includes('.')) - Number(!b.version.includes('.')),
  );
}

const order = ['mapped-library', 'environment', 'version-file', 'requirement', 'given'] as const;
const mostEvidence = 8;

const inOrder = (evidence: readonly FoundCuda[]): readonly FoundCuda[] =>
  [...evidence].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)).slice(0, mostEvidence);

/** Whether the user-space driver in use is the image's is told by the processes alone. */
function compatOf(mapped: readonly MappedCuda[], inImage: FoundCompat | null): FoundCompat | null {
  const drivers = mapped.flatMap(({ driver }) => driver ?? []);
  const used = drivers.find(({ isCompat }) => isCompat);
  if (used !== undefined) return { driverVersion: used.version, from: used.path, isMapped: true };
  return inImage === null ? null : { ...inImage, isMapped: drivers.length > 0 ? false : null };
}
