import type { GpuDetail } from '../../lib/model/index.ts';

type Telling = Pick<GpuDetail, 'state' | 'failure' | 'migMode' | 'current'>;

/** Why a number of a GPU is not there now; null where nvidia-smi just does not tell it for this GPU. */
export function whyMissing({ state, failure, migMode, current }: Telling): string | null {
  if (state !== 'ok') return failure?.message ?? 'the GPU is lost';
  if (!current) return 'the host gives no numbers now';
  return migMode?.current === true ? 'MIG is on: the driver tells no utilization for the whole GPU' : null;
}

/** Why a chart is empty; null where the range is just before the first reading. `isTold`: there is a number of now. */
export function emptyWords(gpu: Telling, isTold: boolean): string | null {
  if (isTold || gpu.state !== 'ok' || !gpu.current) return null;
  return gpu.migMode?.current === true
    ? 'not reported while MIG is on: the driver tells no utilization for the whole GPU'
    : 'nvidia-smi does not report it for this GPU';
}
