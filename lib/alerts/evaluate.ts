import {
  type AlertTimes,
  type Condition,
  rules as everyRule,
  type FleetReading,
  type Rule,
  type Tracked,
} from './rules/index.ts';

/** A hub that slept saw nothing: no more than this of the time between two evaluations counts. */
const longestStepMillis = 3000;

/** Alerts that are pending or firing, and when they were last looked at. */
export interface AlertsState {
  readonly tracked: readonly Tracked[];
  /** Null before the first evaluation since the hub's start. */
  readonly evaluatedAtMillis: number | null;
}

/** `dropped`: a pending one that went without ever firing. `changed`: it says something new. */
export type Transition =
  | { readonly kind: 'pending' | 'fired' | 'changed' | 'dropped'; readonly alert: Tracked }
  | { readonly kind: 'resolved'; readonly alert: Tracked; readonly reason: string };

export interface Evaluation {
  readonly state: AlertsState;
  readonly transitions: readonly Transition[];
}

export interface EvaluateOptions {
  readonly times: AlertTimes;
  /** Names a new alert. */
  readonly newId: () => string;
  /** The house's rules unless told. */
  readonly rules?: readonly Rule[];
}

interface Step {
  readonly rule: Rule;
  readonly stepMillis: number;
  readonly nowMillis: number;
  readonly options: EvaluateOptions;
}

interface Moved {
  /** Null: it is over. */
  readonly tracked: Tracked | null;
  readonly transition: Transition | null;
}

function begun(condition: Condition & { verdict: 'holds' }, { rule, options }: Step): Tracked {
  return {
    id: options.newId(),
    rule: rule.name,
    subject: condition.subject,
    phase: 'pending',
    facts: condition.facts,
    heldMillis: 0,
    clearMillis: 0,
    firedAtMillis: null,
  };
}

function holding(
  before: Tracked | undefined,
  condition: Condition & { verdict: 'holds' },
  step: Step,
): Moved {
  const { rule, stepMillis, nowMillis, options } = step;
  const { facts } = condition;
  const kept: Tracked =
    before === undefined
      ? begun(condition, step)
      : { ...before, facts, clearMillis: 0, heldMillis: before.heldMillis + stepMillis };
  if (kept.phase === 'pending' && kept.heldMillis >= rule.afterSeconds(options.times) * 1000) {
    const fired: Tracked = { ...kept, phase: 'firing', firedAtMillis: nowMillis };
    return { tracked: fired, transition: { kind: 'fired', alert: fired } };
  }
  if (kept.phase === 'pending') {
    const noted = notedAfterMillis(rule, options.times);
    const isNoted = kept.heldMillis >= noted;
    const wasNoted = before !== undefined && before.heldMillis >= noted;
    if (!isNoted) return { tracked: kept, transition: null };
    if (!wasNoted) return { tracked: kept, transition: { kind: 'pending', alert: kept } };
  }
  if (before === undefined) return { tracked: kept, transition: null };
  // Most rules give the same object until something changed.
  const isNew = before.facts !== facts && JSON.stringify(before.facts) !== JSON.stringify(facts);
  return { tracked: kept, transition: isNew ? { kind: 'changed', alert: kept } : null };
}

/** A wait of hours is nobody's matter at its very begin: what comes and goes is not even noted. */
const notedAtOnceSeconds = 600;
const notedAfterShare = 0.1;
const notedAfterMostMillis = 30 * 60_000;

function notedAfterMillis(rule: Rule, times: AlertTimes): number {
  const seconds = rule.afterSeconds(times);
  if (seconds <= notedAtOnceSeconds) return 0;
  return Math.min(seconds * 1000 * notedAfterShare, notedAfterMostMillis);
}

function over(alert: Tracked, reason: string): Moved {
  return {
    tracked: null,
    transition: alert.phase === 'firing' ? { kind: 'resolved', alert, reason } : { kind: 'dropped', alert },
  };
}

/** What was never noted goes without a word. */
function ended(alert: Tracked, reason: string, { rule, options }: Pick<Step, 'rule' | 'options'>): Moved {
  const isNoted = alert.phase === 'firing' || alert.heldMillis >= notedAfterMillis(rule, options.times);
  return isNoted ? over(alert, reason) : { tracked: null, transition: null };
}

function notHolding(before: Tracked, { rule, stepMillis, options }: Step): Moved {
  if (before.phase === 'pending') return ended(before, rule.cleared, { rule, options });
  const clearMillis = before.clearMillis + stepMillis;
  if (clearMillis >= (rule.clearSeconds ?? options.times.clearSeconds) * 1000)
    return over(before, rule.cleared);
  return { tracked: { ...before, clearMillis }, transition: null };
}

function move(before: Tracked | undefined, condition: Condition | undefined, step: Step): Moved {
  if (condition?.verdict === 'holds') return holding(before, condition, step);
  if (before === undefined) return { tracked: null, transition: null };
  if (condition === undefined) return notHolding(before, step);
  if (condition.verdict === 'ended') return ended(before, condition.reason, step);
  return { tracked: before, transition: null };
}

const noSuchRule = 'this hub has no such rule any more';
const none: ReadonlyMap<string, Tracked> = new Map();

function bySubject(tracked: readonly Tracked[]): Map<string, ReadonlyMap<string, Tracked>> {
  const byRule = Map.groupBy(tracked, ({ rule }) => rule);
  return new Map(
    [...byRule].map(([rule, own]) => [rule, new Map(own.map((alert) => [alert.subject, alert]))]),
  );
}

/**
 * One step of every rule. Pure: pending → firing after a rule's wait, firing → resolved after it did not hold for the
 * clearing time, and nothing moves while a rule cannot tell.
 */
export function evaluate(
  state: AlertsState,
  reading: FleetReading,
  nowMillis: number,
  options: EvaluateOptions,
): Evaluation {
  const rules = options.rules ?? everyRule;
  const passed = nowMillis - (state.evaluatedAtMillis ?? nowMillis);
  const stepMillis = Math.min(Math.max(passed, 0), longestStepMillis);
  const tracked = bySubject(state.tracked);
  const transitions: Transition[] = [];
  for (const rule of rules) {
    const mine = tracked.get(rule.name) ?? none;
    const { times } = options;
    const of = (name: string) => tracked.get(name) ?? none;
    const conditions = rule.evaluate({ reading, nowMillis, times, tracked: of });
    const found = new Map(conditions.map((condition) => [condition.subject, condition]));
    const next = new Map<string, Tracked>();
    for (const subject of new Set([...mine.keys(), ...found.keys()])) {
      const step = { rule, stepMillis, nowMillis, options };
      const moved = move(mine.get(subject), found.get(subject), step);
      if (moved.tracked !== null) next.set(subject, moved.tracked);
      if (moved.transition !== null) transitions.push(moved.transition);
    }
    tracked.set(rule.name, next);
  }
  const known = new Set(rules.map(({ name }) => name));
  for (const [name, alerts] of tracked) {
    if (known.has(name)) continue;
    for (const alert of alerts.values())
      transitions.push(over(alert, noSuchRule).transition ?? { kind: 'dropped', alert });
    tracked.delete(name);
  }
  const kept = [...tracked.values()].flatMap((alerts) => [...alerts.values()]);
  return { state: { tracked: kept, evaluatedAtMillis: nowMillis }, transitions };
}
