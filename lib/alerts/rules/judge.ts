import type { AlertFacts } from '../../model/index.ts';
import { type ConfiguredHostRule, type Found, findOn } from './host-rule.ts';
import type { Condition, FleetReading, HostReading, Rule, RuleContext, Tracked } from './rule.ts';
import { isHeard } from './silent-hosts.ts';

/** Between a host and what of it: neither ids nor uuids have it. */
const mark = '|';
export const subjectOf = (hostId: string, within: string): string =>
  within === '' ? hostId : `${hostId}${mark}${within}`;
export const hostOfSubject = (subject: string): string => subject.split(mark, 1)[0] ?? subject;

interface Kept {
  readonly host: HostReading;
  readonly subject: string;
  readonly found: Found;
  /** As an alert says it, for one moment of its beginning. */
  facts: AlertFacts | null;
}

type ByRule = ReadonlyMap<string, readonly Kept[]>;

/** Whether what a rule asks for can be found on a host now. */
function isTold(rule: Pick<ConfiguredHostRule, 'needs'>, host: HostReading, reading: FleetReading): boolean {
  if (!isHeard(host, reading)) return false;
  if (rule.needs === 'numbers') return host.current;
  // Whoever let go of the GPUs may take one out.
  if (rule.needs === 'numbers-to-end' && host.state === 'paused') return false;
  return host.state !== 'gone' && host.state !== 'late';
}

/** Whether what a rule does not find on a host now is over. */
const isDenied = (rule: ConfiguredHostRule, host: HostReading, reading: FleetReading): boolean =>
  isTold(rule, host, reading) && (rule.needs !== 'numbers-to-end' || host.current);

function factsOf(kept: Kept, since: string): AlertFacts {
  if (kept.facts?.since === since) return kept.facts;
  const { id, hostname } = kept.host;
  const hosts = kept.facts?.hosts ?? [{ id, hostname }];
  kept.facts = { ...kept.found.facts, hosts, since };
  return kept.facts;
}

/**
 * Judges every host once for each state of it: what was found is kept by the reading of the host, so that a round costs
 * what changed since the last, and a report its own host's.
 */
export class HostJudge {
  readonly #rules: readonly ConfiguredHostRule[];
  readonly #found = new WeakMap<HostReading, readonly (readonly [rule: string, kept: Kept])[]>();
  readonly #rounds = new WeakMap<FleetReading, ByRule>();

  constructor(rules: readonly ConfiguredHostRule[]) {
    this.#rules = rules;
  }

  /** A rule of the house's form for each of the judge's. */
  rules(): readonly Rule[] {
    return this.#rules.map((rule): Rule => {
      const { name, severity, watches, afterSeconds, clearSeconds, cleared } = rule;
      return {
        name,
        severity,
        watches,
        cleared,
        needsHost: true,
        afterSeconds: () => afterSeconds,
        ...(clearSeconds === undefined ? {} : { clearSeconds }),
        evaluate: (context) => this.#conditions(rule, context),
      };
    });
  }

  /** Judges hosts that changed, one for each step, so that whoever has a clock may pause between them. */
  *prepare(reading: FleetReading): Iterable<void> {
    for (const host of reading.hosts.values()) {
      if (this.#found.has(host)) continue;
      this.#foundOn(host, reading);
      yield;
    }
  }

  /** What a rule finds now, without waiting and without what is open. */
  found(
    rule: string,
    reading: FleetReading,
  ): readonly { readonly host: HostReading; readonly found: Found }[] {
    return (this.#round(reading).get(rule) ?? []).filter(({ found }) => found.lingers !== true);
  }

  #round(reading: FleetReading): ByRule {
    const known = this.#rounds.get(reading);
    if (known !== undefined) return known;
    const byRule = new Map<string, Kept[]>();
    for (const host of reading.hosts.values())
      for (const [rule, kept] of this.#foundOn(host, reading)) {
        const own = byRule.get(rule);
        if (own === undefined) byRule.set(rule, [kept]);
        else own.push(kept);
      }
    this.#rounds.set(reading, byRule);
    return byRule;
  }

  #foundOn(host: HostReading, reading: FleetReading): readonly (readonly [string, Kept])[] {
    const known = this.#found.get(host);
    if (known !== undefined) return known;
    const all = this.#rules.flatMap((rule) =>
      rule.isOn && isTold(rule, host, reading)
        ? findOn(rule, host, reading.hubVersion).map(
            (found) =>
              [rule.name, { host, subject: subjectOf(host.id, found.subject), found, facts: null }] as const,
          )
        : [],
    );
    // One that was not heard yet since the hub listens anew is judged again when it is.
    if (isHeard(host, reading)) this.#found.set(host, all);
    return all;
  }

  #conditions(rule: ConfiguredHostRule, context: RuleContext): readonly Condition[] {
    const { reading, nowMillis, tracked } = context;
    const mine = tracked(rule.name);
    const conditions = new Map<string, Condition>();
    for (const kept of this.#round(reading).get(rule.name) ?? []) {
      const { found, subject, host } = kept;
      const open = mine.get(subject);
      if (found.lingers === true && open === undefined) continue;
      if (found.untilMillis !== undefined && found.untilMillis <= nowMillis) continue;
      const seen = new Date(host.receivedAtMillis ?? nowMillis).toISOString();
      const facts = factsOf(kept, found.facts.since ?? open?.facts.since ?? seen);
      // What was found when it began is what it is about; a value on its way down says nothing new.
      conditions.set(subject, {
        subject,
        verdict: 'holds',
        facts: found.lingers === true && open !== undefined ? open.facts : facts,
      });
    }
    for (const open of mine.values())
      if (!conditions.has(open.subject)) {
        const moved = unfound(rule, open, reading);
        if (moved !== null) conditions.set(open.subject, moved);
      }
    return [...conditions.values()];
  }
}

/** What is to be said of an open alert that was not found: null, when it is over. */
function unfound(rule: ConfiguredHostRule, { subject }: Tracked, reading: FleetReading): Condition | null {
  if (!rule.isOn) return { subject, verdict: 'ended', reason: 'the rule was turned off in the fleet file' };
  const host = reading.hosts.get(hostOfSubject(subject));
  if (host === undefined) return { subject, verdict: 'ended', reason: 'the host was removed' };
  return isDenied(rule, host, reading) ? null : { subject, verdict: 'unknown' };
}
