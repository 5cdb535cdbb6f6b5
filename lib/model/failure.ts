/** Closed list of ways in which a source can fail; the names are part of the public contract. */
export const failureCodes = [
  'driver-not-loaded',
  'version-mismatch',
  'gpu-lost',
  'no-devices',
  'insufficient-permissions',
  'unknown-error',
  'library-missing',
  'command-not-found',
  'invalid-argument',
  'runtime-missing',
  'timeout',
  'truncated',
] as const;

export type FailureCode = (typeof failureCodes)[number];

export interface Failure {
  readonly code: FailureCode;
  /** What the tool printed, or our one sentence where it printed nothing. */
  readonly message: string;
  /** PCI bus id, index or uuid of the one GPU that it concerns, as printed; null when it is the whole host. */
  readonly gpu: string | null;
}

/** Text that was there and was not understood: never an exception, never a guess. */
export interface Problem {
  /** Where it stood: `xml:/gpu[0]/power_readings/power_draw`, `csv:utilization.gpu`, … */
  readonly field: string;
  /** The text as printed, cut at 200 characters. */
  readonly text: string;
  /** One short sentence. */
  readonly message: string;
}
