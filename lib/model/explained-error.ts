/** One host that has an error, or on which it would come. */
export interface TroubledHostView {
  readonly id: string;
  readonly hostname: string;
  readonly group: string;
  /** What its last report says of it, in one sentence. */
  readonly why: string;
}

/**
 * How sure an explanation is. `printed`: the text is of recordings of such hosts, cause and fix of the source.
 * `documented`: the source has text and cause. `reported`: people tell of it, and what helped them.
 */
export type ErrorBasis = 'printed' | 'documented' | 'reported';

/** An error text with its cause, the way out, and who has it. */
export interface ExplainedError {
  readonly slug: string;
  readonly title: string;
  readonly says: readonly string[];
  readonly cause: string;
  /** In their order; a line that begins with `$ ` is a command to run as root. */
  readonly fix: readonly string[];
  /** Address of where this is known from. */
  readonly source: string;
  readonly basis: ErrorBasis;
  /** What the pasted text asks for, such as the `12.8` of `cuda>=12.8`; null: nothing, or no text was given. */
  readonly asked: string | null;
  /** `have this error now`, or what else they have in common. */
  readonly hostsAre: string;
  readonly hosts: readonly TroubledHostView[];
  /** Of the fleet, so that "none of 40" can be said. */
  readonly hostsInAll: number;
}
