import { type CompatData, judge } from '../../cuda-compat/index.ts';
import {
  type CompatContainer,
  type CompatHost,
  type ContainerCompat,
  type Report,
  runsAtAll,
  type Verdict,
  type VerdictStep,
} from '../../model/index.ts';
import { type AnyContainer, compatContainerOf, compatHostOf, containerKey, hostKey } from './facts.ts';

/** Verdicts, each made once for hosts and containers that are alike. */
export interface Judge {
  verdict(host: CompatHost, container: CompatContainer): Verdict;
  /** The same without its reasons: of a whole matrix nobody reads them, and they would fill the memory. */
  outcome(host: CompatHost, container: CompatContainer): Outcome;
  ofContainer(report: Report, container: AnyContainer): Verdict;
  /** In short; null for a container of which nothing is known, not even an image. */
  inShort(report: Report, container: AnyContainer): ContainerCompat;
}

export type Outcome = Pick<Verdict, 'verdict' | 'way'>;

/** A fleet has a few dozen kinds of hosts and some thousand images; more than that is begun anew. */
const mostVerdicts = 20_000;
const mostOutcomes = 500_000;

const mostKinds = 2 ** 24;

interface Memory {
  readonly tables: CompatData;
  /** Kinds of hosts and of containers by their keys, numbered: a requirement alone may have thousands of letters. */
  readonly hosts: Map<string, number>;
  readonly containers: Map<string, number>;
  readonly verdicts: Map<number, Verdict>;
  readonly outcomes: Map<number, Outcome>;
  /** The same by identity, since a matrix asks for the same few hosts and images thousands of times. */
  readonly numbers: WeakMap<CompatHost | CompatContainer, number>;
  /** A reported container never changes; the next report brings another. */
  readonly reported: WeakMap<AnyContainer, Verdict>;
}

const emptyMemory = (tables: CompatData): Memory => ({
  tables,
  hosts: new Map(),
  containers: new Map(),
  verdicts: new Map(),
  outcomes: new Map(),
  numbers: new WeakMap(),
  reported: new WeakMap(),
});

function numberOf(kinds: Map<string, number>, key: string): number {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  kinds.set(key, kinds.size);
  return kinds.size - 1;
}

function numberOfHost({ hosts, numbers }: Memory, host: CompatHost): number {
  const known = numbers.get(host);
  if (known !== undefined) return known;
  const made = numberOf(hosts, hostKey(host));
  numbers.set(host, made);
  return made;
}

function numberOfContainer({ containers, numbers }: Memory, container: CompatContainer): number {
  const known = numbers.get(container);
  if (known !== undefined) return known;
  const made = numberOf(containers, containerKey(container));
  numbers.set(container, made);
  return made;
}

const shared = new Map<string, Outcome>();

/** There are few, and a matrix holds many. */
function sharedOutcome(verdict: Verdict['verdict'], way: Verdict['way']): Outcome {
  const key = `${verdict} ${way}`;
  const known = shared.get(key) ?? { verdict, way };
  shared.set(key, known);
  return known;
}

export function createJudge(data: () => CompatData): Judge {
  let kept = emptyMemory(data());
  const shorts = new WeakMap<Verdict, ContainerCompat>();
  const memory = (): Memory => {
    const tables = data();
    if (kept.tables !== tables || kept.outcomes.size >= mostOutcomes) kept = emptyMemory(tables);
    if (kept.verdicts.size >= mostVerdicts) kept.verdicts.clear();
    return kept;
  };
  const verdict = (host: CompatHost, container: CompatContainer): Verdict => {
    const now = memory();
    const { tables, verdicts } = now;
    const key = numberOfHost(now, host) * mostKinds + numberOfContainer(now, container);
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const made = judge(host, container, tables);
    verdicts.set(key, made);
    return made;
  };
  const ofContainer = (report: Report, container: AnyContainer): Verdict => {
    const { reported } = memory();
    const known = reported.get(container);
    if (known !== undefined) return known;
    const made = verdict(compatHostOf(report, container), compatContainerOf(container));
    reported.set(container, made);
    return made;
  };
  const outcome = (host: CompatHost, container: CompatContainer): Outcome => {
    const now = memory();
    const key = numberOfHost(now, host) * mostKinds + numberOfContainer(now, container);
    const known = now.outcomes.get(key) ?? now.verdicts.get(key);
    if (known !== undefined) return known;
    const { verdict: kind, way } = judge(host, container, now.tables);
    const made = sharedOutcome(kind, way);
    now.outcomes.set(key, made);
    return made;
  };
  return {
    verdict,
    outcome,
    ofContainer,
    inShort(report, container) {
      const made = ofContainer(report, container);
      const short = shorts.get(made) ?? shortOf(made);
      shorts.set(made, short);
      const isUsed = 'gpus' in container && container.gpus.length > 0;
      const isContradicted = isUsed && made.verdict !== 'unknown' && !runsAtAll(made);
      return isContradicted ? { ...short, isContradicted } : short;
    },
  };
}

const outcomes = ['stops', 'unknown', 'limits', 'fine'] as const;

/** The step that decides it. */
export function decisiveStep({ reasons }: Pick<Verdict, 'reasons'>): VerdictStep | null {
  for (const outcome of outcomes) {
    const step = reasons.findLast((each) => each.outcome === outcome);
    if (step !== undefined) return step;
  }
  return null;
}

export function shortOf(verdict: Verdict): ContainerCompat {
  const step = decisiveStep(verdict);
  return {
    verdict: verdict.verdict,
    way: verdict.way,
    layer: verdict.verdict === 'runs' ? null : (step?.layer ?? null),
    text: step?.text ?? '',
    errorText: verdict.errorText,
    fixes: verdict.fixes.map(({ text }) => text),
    missing: verdict.missing.map(({ text }) => text),
    isContradicted: false,
  };
}
