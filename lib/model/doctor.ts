/** `info`: worth knowing, nothing is broken. */
export type FindingSeverity = 'critical' | 'warning' | 'info';

/** One thing that is wrong with a host's GPU stack, and what to do about it. */
export interface DoctorFinding {
  /** Closed within one version of the agent; also the name of its page below /errors where it has one. */
  readonly code: string;
  /** The check that found it. */
  readonly check: string;
  readonly severity: FindingSeverity;
  /** One sentence: what is wrong here, with the versions and names of this host. */
  readonly what: string;
  /** One sentence: why that matters, or how it comes about. */
  readonly why: string;
  /** In their order; a line that begins with `$ ` is a command to run as root. */
  readonly fix: readonly string[];
  /** What was read and where, as printed. */
  readonly evidence: readonly string[];
}

/** A check that could not be made is not one that passed. */
export interface UncheckedPart {
  readonly check: string;
  readonly why: string;
}

/** What `gpufleet doctor` says of a host: every check is in exactly one of the four lists. */
export interface Diagnosis {
  /** Host clock, ISO 8601. */
  readonly checkedAt: string;
  readonly durationSeconds: number;
  /** Worst first. */
  readonly findings: readonly DoctorFinding[];
  readonly passed: readonly string[];
  /** Checks of what this host does not have, such as NVSwitches. */
  readonly notApplicable: readonly string[];
  readonly unknown: readonly UncheckedPart[];
}

/** What one report may hold of it. */
export const mostFindings = 64;
export const mostFindingLines = 16;
