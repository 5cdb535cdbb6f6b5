import type {
  CompatContainer,
  CompatFact,
  CompatGpu,
  CompatHost,
  CompatLayer,
  Confidence,
  MissingDatum,
  VerdictStep,
} from '../model/index.ts';
import { type SourceName, sourceText } from './data/sources.ts';
import type { Tables } from './tables.ts';

export interface Step {
  readonly rule: string;
  readonly layer: CompatLayer;
  readonly outcome: VerdictStep['outcome'];
  readonly text: string;
  readonly source: SourceName;
  readonly confidence?: Confidence;
}

/**
 * One case under judgement. Rules read host and container through it alone, so that each step names the facts
 * that were read for it, and a verdict cannot depend on one that no step names.
 */
export class Reasoning {
  readonly tables: Tables;
  readonly steps: VerdictStep[] = [];
  readonly missing: MissingDatum[] = [];
  readonly #host: CompatHost;
  readonly #container: CompatContainer;
  #read = new Set<CompatFact>();

  constructor(host: CompatHost, container: CompatContainer, tables: Tables) {
    this.#host = host;
    this.#container = container;
    this.tables = tables;
  }

  host<Key extends keyof CompatHost>(key: Key): CompatHost[Key] {
    this.#read.add(key);
    return this.#host[key];
  }

  container<Key extends keyof CompatContainer>(key: Key): CompatContainer[Key] {
    this.#read.add(key);
    return this.#container[key];
  }

  gpu<Key extends keyof CompatGpu>(gpu: CompatGpu, key: Key): CompatGpu[Key] {
    this.#read.add(`gpu.${key}`);
    return gpu[key];
  }

  /** Adds a step, with what was read since the one before. */
  say({ source, confidence = 'high', ...step }: Step): void {
    this.steps.push({ ...step, confidence, source: sourceText(source), facts: [...this.#read] });
    this.#read = new Set();
  }

  /** Says that a datum is missing; the same one is told once. */
  lack(fact: MissingDatum['fact'], text: string): void {
    if (!this.missing.some((each) => each.fact === fact)) this.missing.push({ fact, text });
  }

  /** What was read after the last step belongs to it too. */
  reasons(): readonly VerdictStep[] {
    const last = this.steps.at(-1);
    if (last === undefined || this.#read.size === 0) return this.steps;
    return [...this.steps.slice(0, -1), { ...last, facts: [...new Set([...last.facts, ...this.#read])] }];
  }
}

/** How one group of rules came out. */
export type RuleOutcome =
  | { readonly is: 'fine' | 'unknown' }
  | { readonly is: 'limits'; readonly limits: readonly string[] }
  | { readonly is: 'stops'; readonly errorText: string | null };

export const fine: RuleOutcome = { is: 'fine' };
export const unknown: RuleOutcome = { is: 'unknown' };

const ranks: Readonly<Record<Confidence, number>> = { high: 2, medium: 1, low: 0 };

export const leastConfidence = (all: readonly Confidence[]): Confidence =>
  all.reduce<Confidence>((least, each) => (ranks[each] < ranks[least] ? each : least), 'high');
