import type { ErrorBasis, FailureCode, HostDetail } from '../model/index.ts';

/** What of a host tells whether it has an error. */
export type TroubledHost = Pick<
  HostDetail,
  | 'id'
  | 'hostname'
  | 'state'
  | 'stateReason'
  | 'current'
  | 'condition'
  | 'failure'
  | 'stack'
  | 'doctor'
  | 'faultCounts'
> & { readonly gpus: readonly Pick<HostDetail['gpus'][number], 'state' | 'computeCapability' | 'fabric'>[] };

/** A text that a person pastes, or that a tool prints, which has a known cause and a known way out. */
export interface KnownError {
  /** Its address: /errors/SLUG. */
  readonly slug: string;
  readonly title: string;
  /** As tools print it; the first is shown, all are found by search. */
  readonly says: readonly [string, ...string[]];
  /** Any of these is it; the first group, where there is one, is what it asks for. */
  readonly patterns: readonly RegExp[];
  readonly cause: string;
  /** In their order; a line that begins with `$ ` is a command to run as root. */
  readonly fix: readonly string[];
  /** Where this is known from. */
  readonly source: string;
  readonly basis: ErrorBasis;
  /** The failure of nvidia-smi that it is. */
  readonly failureCodes?: readonly FailureCode[];
  /** Findings of the doctor that it is. */
  readonly findings?: readonly string[];
  /** What else makes a host one that has it, or cannot run what says it. `asked`: what the pasted text asks for. */
  readonly isOn?: (host: TroubledHost, asked: string | null) => boolean;
  /** What the listed hosts have in common, where it is not "have this error now". */
  readonly hostsAre?: string;
}

/** One error in a text. */
export interface FoundError {
  readonly error: KnownError;
  /** What the text asks for, such as the `12.8` of `cuda>=12.8`. */
  readonly asked: string | null;
}
