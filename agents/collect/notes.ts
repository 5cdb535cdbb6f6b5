import type { CollectionNote, Failure, GpuCondition } from '../../lib/model/index.ts';
import { type Clock, isoNow } from './clock.ts';

/** What the agent did or saw by itself, for whoever asks later why a curve has a gap. */
export interface Notes {
  add(text: string): void;
  /** Notes when the GPU side of the host goes bad, is let go, or is well again; true when it is in another state than before. */
  see(condition: GpuCondition, failure: Failure | null): boolean;
  /** The newest last. */
  readonly all: readonly CollectionNote[];
}

const mostNotes = 20;
const longestText = 500;

export function createNotes(clock: Clock): Notes {
  const all: CollectionNote[] = [];
  let seen: { readonly condition: GpuCondition; readonly sinceSeconds: number } | null = null;
  const add = (text: string): void => {
    all.push({ at: isoNow(clock), text: text.slice(0, longestText) });
    if (all.length > mostNotes) all.shift();
  };
  return {
    add,
    see(condition, failure) {
      if (condition === 'starting' || condition === seen?.condition) return false;
      const before = seen;
      seen = { condition, sinceSeconds: clock.monotonicSeconds() };
      if (condition === 'paused') add('let go of the GPUs');
      else if (condition !== 'ok') add(`${words[condition]}: ${failure?.message ?? 'nothing more is known'}`);
      else if (before !== null) {
        const seconds = Math.round(clock.monotonicSeconds() - before.sinceSeconds);
        add(`reads the GPUs again, after ${seconds} s (${words[before.condition]})`);
      }
      return true;
    },
    get all() {
      return [...all];
    },
  };
}

const words: Readonly<Record<GpuCondition, string>> = {
  ok: 'well',
  starting: 'starting',
  paused: 'paused',
  'no-nvidia-smi': 'no nvidia-smi',
  'no-devices': 'no GPUs',
  'driver-failed': 'driver failed',
  'driver-hung': 'driver hung',
};
