import { type GpuAccounting, isWithin, type OwnedProcess } from '../model/index.ts';

export interface AccountingInput {
  /** The GPU's memory in use when its processes were read; null when not told. */
  readonly usedBytes: number | null;
  readonly gpuRatio: number | null;
  readonly processes: readonly OwnedProcess[];
  readonly sharesSampledAt: string | null;
  readonly sharesProblem: string | null;
}

/** How a GPU's own numbers divide: see GpuAccounting. Nothing is rescaled, and what is not told is not guessed. */
export function gpuAccounting(input: AccountingInput): GpuAccounting {
  const { usedBytes, gpuRatio, processes, sharesSampledAt, sharesProblem } = input;
  return {
    memory: memoryOf(usedBytes, processes),
    sm: smOf(gpuRatio, processes, sharesSampledAt !== null),
    sharesSampledAt,
    sharesProblem,
  };
}

function memoryOf(usedBytes: number | null, processes: readonly OwnedProcess[]): GpuAccounting['memory'] {
  const isTold = processes.every(({ usedMemoryBytes }) => usedMemoryBytes !== null);
  if (!isTold) return { ownedBytes: null, remainderBytes: null, overcountBytes: 0 };
  const ownedBytes = processes.reduce((sum, { usedMemoryBytes }) => sum + (usedMemoryBytes ?? 0), 0);
  // More than any memory, so one of them is none: a report with such a sum would be refused.
  if (!isWithin('bytes', ownedBytes)) return { ownedBytes: null, remainderBytes: null, overcountBytes: 0 };
  if (usedBytes === null) return { ownedBytes, remainderBytes: null, overcountBytes: 0 };
  return {
    ownedBytes,
    remainderBytes: Math.max(0, usedBytes - ownedBytes),
    overcountBytes: Math.max(0, ownedBytes - usedBytes),
  };
}

/** Less than what pmon can print apart. */
const nothing = 1e-6;

function smOf(
  gpuRatio: number | null,
  processes: readonly OwnedProcess[],
  areTold: boolean,
): GpuAccounting['sm'] {
  const told = processes.flatMap(({ smRatio }) => (smRatio === null ? [] : [smRatio]));
  const isKnown = told.length > 0 || (areTold && processes.length === 0);
  if (!isKnown) return { ownedRatio: null, remainderRatio: null, isOverlap: false };
  const ownedRatio = Math.round(told.reduce((sum, ratio) => sum + ratio, 0) * 1e6) / 1e6;
  if (!isWithin('looseRatio', ownedRatio))
    return { ownedRatio: null, remainderRatio: null, isOverlap: false };
  if (gpuRatio === null) return { ownedRatio, remainderRatio: null, isOverlap: false };
  return {
    ownedRatio,
    remainderRatio: Math.max(0, Math.round((gpuRatio - ownedRatio) * 1e6) / 1e6),
    isOverlap: ownedRatio > gpuRatio + nothing,
  };
}
