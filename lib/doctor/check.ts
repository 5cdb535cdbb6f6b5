import type { DoctorFinding } from '../model/index.ts';
import type { Fact, StackFacts } from './facts.ts';

/** What a check says. Findings may be of severity `info` only: nothing is broken, and something is worth knowing. */
export type Verdict =
  | { readonly state: 'passed' }
  | { readonly state: 'not-applicable' }
  | { readonly state: 'unknown'; readonly why: string }
  | { readonly state: 'found'; readonly findings: readonly Omit<DoctorFinding, 'check'>[] };

/** One thing that can be wrong with a GPU stack. Pure: facts in, verdict out. */
export interface DoctorCheck {
  readonly name: string;
  readonly judge: (facts: StackFacts) => Verdict;
}

export const passed: Verdict = { state: 'passed' };
export const notApplicable: Verdict = { state: 'not-applicable' };

export const unknown = (why: string): Verdict => ({ state: 'unknown', why });

export const found = (...findings: readonly Omit<DoctorFinding, 'check'>[]): Verdict =>
  findings.length === 0 ? passed : { state: 'found', findings };

/** Why a fact is not known, with where it was looked for. */
export const whyUnknown = (fact: Fact<unknown>): string =>
  fact.state === 'unknown' ? `${fact.from}: ${fact.why}` : `${fact.from} is not there`;
