import type { Failure, GpuCondition } from '../../../lib/model/index.ts';
import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { FailedOutcome, Outcome } from '../source.ts';

/** How the stream last ended, until it delivers again. */
export interface SamplerFailure {
  readonly outcome: FailedOutcome;
  readonly atSeconds: number;
  readonly inARow: number;
}

export interface Condition {
  readonly condition: GpuCondition;
  readonly failure: Failure | null;
}

/**
 * What the GPU side of the host is in. One stream that ends without a word is no condition; two in a row are. `onBus`:
 * GPUs that the NVIDIA driver has on the PCI bus; null when that is not known.
 */
export function conditionOf(
  document: Outcome<SmiDocument> | null,
  documentSeconds: number | null,
  sampler: SamplerFailure | null,
  onBus: number | null = null,
): Condition {
  if (document === null) return { condition: 'starting', failure: null };
  if (document.state !== 'ok') return failedCondition(document, onBus);
  if (sampler === null) return { condition: 'ok', failure: null };
  const { outcome, atSeconds, inARow } = sampler;
  if (outcome.state === 'hung') return { condition: 'driver-hung', failure: outcome.failure };
  const documentIsNewer = (documentSeconds ?? 0) > atSeconds;
  const isUnexplained = outcome.failure?.code === 'unknown-error' && inARow === 1;
  if (documentIsNewer || isUnexplained) return { condition: 'ok', failure: null };
  return failedCondition(outcome, onBus);
}

function failedCondition({ state, failure }: FailedOutcome, onBus: number | null): Condition {
  if (state === 'hung') return { condition: 'driver-hung', failure };
  if (state === 'absent') return { condition: 'no-nvidia-smi', failure };
  // The driver holds GPUs and finds none: that is no host without GPUs.
  const isWithout = failure?.code === 'no-devices' && (onBus ?? 0) === 0;
  return { condition: isWithout ? 'no-devices' : 'driver-failed', failure };
}
