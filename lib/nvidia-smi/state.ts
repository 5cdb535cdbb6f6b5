import type { Failure, FailureCode, GpuState } from '../model/index.ts';
import type { GpuPatch } from './types.ts';

/** A failure text that stood in the place of a value. */
export interface FailedValue {
  readonly path: string;
  readonly text: string;
  readonly code: FailureCode;
}

/** Whether any moving number is left: then single values failed, not the GPU. */
function hasReadings(gpu: GpuPatch): boolean {
  const moving = [
    gpu.utilization?.gpuRatio,
    gpu.memory?.usedBytes,
    gpu.temperature?.gpuCelsius,
    gpu.power?.drawWatts,
    gpu.clocks?.smHertz,
    gpu.clocks?.graphicsHertz,
    gpu.performanceState,
  ];
  return moving.some((value) => value !== null && value !== undefined);
}

/**
 * What the failure texts among a GPU's values say of it. One "GPU is lost" is enough for `lost`; other texts make
 * it `failed` only when no moving number is left, and are told in `failure` in any case.
 */
export function stateFrom(
  failed: readonly FailedValue[],
  gpu: GpuPatch,
): { state: GpuState; failure: Failure | null } {
  const lost = failed.find(({ code }) => code === 'gpu-lost');
  const first = lost ?? failed[0];
  if (first === undefined) return { state: 'ok', failure: null };
  const others = failed.length > 1 ? ` and ${failed.length - 1} more` : '';
  const failure: Failure = {
    code: first.code,
    message: `${first.text} (${first.path.replace(/^\//, '')}${others})`,
    gpu: gpu.pciBusId ?? gpu.uuid ?? (typeof gpu.index === 'number' ? String(gpu.index) : null),
  };
  if (lost !== undefined) return { state: 'lost', failure };
  return { state: hasReadings(gpu) ? 'ok' : 'failed', failure };
}
