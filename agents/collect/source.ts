import type { Failure, SourceStatus } from '../../lib/model/index.ts';
import { type Clock, isoNow } from './clock.ts';

/** How one ask ended. `absent`: what is asked is not on this host, and that is no fault. `paused`: it was not asked. */
export type Outcome<T> = { readonly state: 'ok'; readonly value: T } | FailedOutcome;

export interface FailedOutcome {
  readonly state: 'failed' | 'absent' | 'hung' | 'paused';
  readonly failure: Failure | null;
}

/** One source of facts. It is measured here, from outside; what asks does not measure itself. */
export interface Source {
  /** Runs `ask` and keeps how it went and how long it took. `command` is the command line or path, as asked. */
  measure<T>(command: string, ask: () => Promise<Outcome<T>>): Promise<Outcome<T>>;
  /** For what is no single ask: a sample of a stream, or its end. */
  note(command: string, outcome: Outcome<unknown>, durationSeconds: number | null): void;
  readonly status: SourceStatus;
}

export function createSource(name: string, command: string, clock: Clock): Source {
  let status: SourceStatus = {
    source: name,
    state: 'absent',
    command,
    durationSeconds: null,
    lastSuccessAt: null,
    failure: null,
    runs: 0,
    failures: 0,
  };
  const source: Source = {
    async measure(asked, ask) {
      const startedAt = clock.monotonicSeconds();
      const outcome = await ask();
      source.note(asked, outcome, clock.monotonicSeconds() - startedAt);
      return outcome;
    },
    note(asked, outcome, durationSeconds) {
      const isOk = outcome.state === 'ok';
      if (outcome.state === 'paused') {
        status = { ...status, state: 'paused', failure: null };
        return;
      }
      status = {
        source: name,
        state: outcome.state,
        command: asked,
        durationSeconds,
        lastSuccessAt: isOk ? isoNow(clock) : status.lastSuccessAt,
        failure: isOk ? null : outcome.failure,
        runs: status.runs + 1,
        failures: status.failures + (isOk || outcome.state === 'absent' ? 0 : 1),
      };
    },
    get status() {
      return status;
    },
  };
  return source;
}
