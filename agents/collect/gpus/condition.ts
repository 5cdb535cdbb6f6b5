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

/** What the GPU side of the host is in. One stream that ends without a word is no condition; two in a row are. */
export function conditionOf(
  document: Outcome<SmiDocument> | null,
  documentSeconds: number | null,
  sampler: SamplerFailure | null,
): Condition {
  if (document === null) return { condition: 'starting', failure: null };
  if (document.state !== 'ok') return failedCondition(document);
  if (sampler === null) return { condition: 'ok', failure: null };
  const { outcome, atSeconds, inARow } = sampler;
  if (outcome.state === 'hung') return { condition: 'driver-hung', failure: outcome.failure };
  const documentIsNewer = (documentSeconds ?? 0) > atSeconds;
  const isUnexplained = outcome.failure?.code === 'unknown-error' && inARow === 1;
  if (documentIsNewer || isUnexplained) return { condition: 'ok', failure: null };
  return failedCondition(outcome);
}

function failedCondition({ state, failure }: FailedOutcome): Condition {
  if (state === 'hung') return { condition: 'driver-hung', failure };
  if (state === 'absent') return { condition: 'no-nvidia-smi', failure };
  return { condition: failure?.code === 'no-devices' ? 'no-devices' : 'driver-failed', failure };
}
