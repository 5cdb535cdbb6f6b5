import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, isoAgo } from '../clock.ts';
import type { Source } from '../source.ts';
import { createPmonRunner, forkedPauseSeconds, longestDelaySeconds } from './runner.ts';
import type { Share, ShareSample } from './sample.ts';

export type { Share } from './sample.ts';

/** What pmon tells of the processes of one GPU. */
export interface GpuShares {
  /** By pid; a process that it does not list is not there. */
  readonly byPid: ReadonlyMap<number, Share>;
  /** Host clock, ISO 8601; null while nothing is told. */
  readonly sampledAt: string | null;
  /** In words, why nothing is told; null when it is. */
  readonly problem: string | null;
}

/** Which share of a GPU's time each process had, from `nvidia-smi pmon`. */
export interface Shares {
  /** A document was read: whether there is anything to watch, and with which program. */
  watch(document: SmiDocument, program: string | null): void;
  of(gpu: {
    readonly index: number | null;
    readonly isMig: boolean;
    readonly hasProcesses: boolean;
  }): GpuShares;
  /** Takes what came since; call it before `of`. */
  fetch(): void;
  setIntervalSeconds(seconds: number): void;
  /** Nothing runs until a document is watched again. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

export interface SharesOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly source: Source;
  readonly intervalSeconds: number;
  /** False: each sample is a run of its own, so that nothing holds a GPU between two. */
  readonly hold: boolean;
  /** pmon lists a process that the document does not have, or the other way round. */
  readonly onHint: () => void;
}

/** pmon takes 1 to 10 s between samples; what it prints is of that window. */
export const delaySecondsOf = (intervalSeconds: number): number =>
  Math.min(longestDelaySeconds, Math.max(2, Math.round(intervalSeconds)));

const nobody: ReadonlyMap<number, Share> = new Map();
const untold = (problem: string | null): GpuShares => ({ byPid: nobody, sampledAt: null, problem });

interface Latest {
  readonly sample: ShareSample;
  readonly sampledAt: string;
  readonly sampledSeconds: number;
}

export function createShares(options: SharesOptions): Shares {
  const { access, clock, source, hold, onHint } = options;
  let delay = delaySecondsOf(options.intervalSeconds);
  let latest: Latest | null = null;
  let problem: string | null = null;
  let listed: ReadonlyMap<number, ReadonlySet<number>> = new Map();
  let stopped = false;

  const runner = createPmonRunner({
    access,
    clock,
    source,
    hold,
    delaySeconds: () => delay,
    onSample(sample, ageSeconds) {
      latest = {
        sample,
        sampledAt: isoAgo(clock, ageSeconds),
        sampledSeconds: clock.monotonicSeconds() - ageSeconds,
      };
      problem = null;
      for (const [index, processes] of sample) if (isOther(processes, listed.get(index))) onHint();
    },
    onEnd(message) {
      problem = `nvidia-smi pmon: ${message}`;
      latest = null;
    },
  });
  const freshSeconds = (): number => (hold ? 3 * delay + 2 : forkedPauseSeconds + 15);
  const halt = async (): Promise<void> => {
    latest = null;
    if (runner.isRunning) source.note(source.status.command, { state: 'paused', failure: null }, null);
    await runner.halt();
  };
  return {
    watch(document, program) {
      listed = listedIn(document);
      const isUseful = [...listed.values()].some((pids) => pids.size > 0);
      // Someone may start to work any moment: one that runs is left running.
      if (!stopped && program !== null && (isUseful || runner.isRunning)) runner.start(program);
    },
    of({ index, isMig, hasProcesses }) {
      if (isMig) return untold('on MIG the driver tells no shares, only memory');
      const unless = (words: string): GpuShares => untold(hasProcesses ? words : null);
      if (latest === null || index === null) return unless(problem ?? 'nvidia-smi pmon has not answered yet');
      if (clock.monotonicSeconds() - latest.sampledSeconds > freshSeconds())
        return unless('nvidia-smi pmon prints nothing more');
      const byPid = latest.sample.get(index);
      if (byPid === undefined) return unless('nvidia-smi pmon does not tell of this GPU');
      const isTold = !hasProcesses || [...byPid.values()].some(tellsAnything);
      if (!isTold) return untold('nvidia-smi pmon prints - for each of its processes');
      return { byPid, sampledAt: latest.sampledAt, problem: null };
    },
    fetch: runner.fetch,
    setIntervalSeconds(seconds) {
      const wanted = delaySecondsOf(seconds);
      if (wanted === delay) return;
      delay = wanted;
      runner.restart();
    },
    halt,
    async stop() {
      stopped = true;
      await halt();
    },
  };
}

const tellsAnything = ({ smRatio, memoryRatio, encoderRatio, decoderRatio }: Share): boolean =>
  smRatio !== null || memoryRatio !== null || encoderRatio !== null || decoderRatio !== null;

function isOther(processes: ReadonlyMap<number, Share>, pids: ReadonlySet<number> | undefined): boolean {
  if (pids === undefined) return false;
  if (processes.size !== pids.size) return true;
  for (const pid of processes.keys()) if (!pids.has(pid)) return true;
  return false;
}

/** Processes by GPU, of those that pmon tells of. The document has no indexes; they are in its order. */
const listedIn = ({ gpus }: SmiDocument): ReadonlyMap<number, ReadonlySet<number>> =>
  new Map(
    gpus.flatMap(({ gpu }, position) =>
      gpu.migMode?.current === true
        ? []
        : [[gpu.index ?? position, new Set(gpu.processes.map(({ pid }) => pid))] as const],
    ),
  );
