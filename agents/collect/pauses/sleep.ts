import type { PciGpu } from '../../../lib/model/index.ts';
import type { Pauses } from './index.ts';

const isOurs = ({ driver }: PciGpu): boolean => driver === 'nvidia';

/** All GPUs of the driver are powered down: nvidia-smi would wake them, and drain a laptop's battery. */
export function areAsleep(gpus: readonly PciGpu[]): boolean {
  const ours = gpus.filter(isOurs);
  return ours.length > 0 && ours.every(({ powerStatus }) => powerStatus === 'suspended');
}

/** Keeps away from GPUs that sleep, and comes back when something else woke one. */
export function keepAsleep(pauses: Pauses, gpus: readonly PciGpu[]): void {
  if (!areAsleep(gpus)) {
    pauses.end('asleep');
    return;
  }
  if (pauses.of('asleep') !== null) return;
  const count = gpus.filter(isOurs).length;
  const reason = count === 1 ? 'GPU asleep' : `all ${count} GPUs asleep`;
  void pauses.pause({ kind: 'asleep', forSeconds: null, by: null, reason });
}
