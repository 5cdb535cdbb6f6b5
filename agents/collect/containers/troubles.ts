import type { Failure, Problem } from '../../../lib/model/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import { quote } from '../failures.ts';

/** Containers that the engine could not tell of: each is asked again by itself, ever more seldom. */
export interface Troubles {
  note(id: string, failure: Failure | null): void;
  has(id: string): boolean;
  /** Whether it may be asked (again) now. */
  isDue(id: string): boolean;
  delete(id: string): void;
  /** Forgets all that are not among these. */
  keep(ids: { has(id: string): boolean }): void;
  readonly problems: readonly Problem[];
}

const firstRetrySeconds = 10;
const longestRetrySeconds = 300;

interface Trouble {
  readonly failures: number;
  readonly retryAtSeconds: number;
  readonly problem: Problem;
}

export function createTroubles(clock: Clock = systemClock, engine = 'docker'): Troubles {
  const troubles = new Map<string, Trouble>();
  return {
    note(id, failure) {
      const failures = (troubles.get(id)?.failures ?? 0) + 1;
      const pauseSeconds = Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** (failures - 1));
      const field = `${engine}:/containers/${id.slice(0, 12)}`;
      const text = quote(failure?.message ?? '');
      troubles.set(id, {
        failures,
        retryAtSeconds: clock.monotonicSeconds() + pauseSeconds,
        problem: { field, text, message: 'could not be asked for' },
      });
    },
    has: (id) => troubles.has(id),
    isDue: (id) => (troubles.get(id)?.retryAtSeconds ?? 0) <= clock.monotonicSeconds(),
    delete(id) {
      troubles.delete(id);
    },
    keep(ids) {
      for (const id of troubles.keys()) if (!ids.has(id)) troubles.delete(id);
    },
    get problems() {
      return [...troubles.values()].map(({ problem }) => problem);
    },
  };
}
