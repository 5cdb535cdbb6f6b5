import type { Pause, PauseKind } from '../../../lib/model/index.ts';
import type { GatedAccess } from '../../access/gate.ts';
import type { Clock } from '../clock.ts';

export interface PauseOrder {
  readonly kind: PauseKind;
  /** Null: until it is ended. */
  readonly forSeconds: number | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/**
 * What may run on the GPUs. `look`: nothing holds them, and a document is read now and then to see whether the cause is
 * over. `rest`: nothing at all.
 */
export type Hold = 'read' | 'look' | 'rest';

/** Letting go of the GPUs, and taking up again. */
export interface Pauses {
  /**
   * One of a kind at a time: a newer takes the older's place. Resolves when nothing of ours holds a GPU any more, but
   * for the processes that do not end.
   */
  pause(order: PauseOrder): Promise<{ readonly stuckPids: readonly number[] }>;
  end(...kinds: readonly PauseKind[]): void;
  /** The strongest order that holds now; null while the GPUs are read. */
  readonly current: Pause | null;
  /** The order of one kind, whether or not it is the strongest. */
  of(kind: PauseKind): Pause | null;
  /** Called after `current` became another one; returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

export interface PausesOptions {
  readonly gate: GatedAccess;
  readonly clock: Clock;
  /** Ends what holds the GPUs, or begins to read them again. */
  readonly setHold: (hold: Hold) => Promise<void>;
}

type Told = Omit<Pause, 'stuckPids'>;
interface Held {
  readonly told: Told;
  /** Monotonic: a clock that is set does not make a pause longer. */
  readonly endSeconds: number | null;
}

/** What a person asked for counts before what the agent found by itself. */
const strongest: readonly PauseKind[] = ['command', 'hub', 'mig-pending', 'asleep'];
/** A timer takes no more than some days; looked at again by then. */
const longestTimerSeconds = 3600;

export function createPauses({ gate, clock, setHold }: PausesOptions): Pauses {
  const held = new Map<PauseKind, Held>();
  const listeners = new Set<() => void>();
  let stuckPids: readonly number[] = [];
  let timer: NodeJS.Timeout | null = null;
  let hold: Hold = 'read';
  let moving: Promise<void> = Promise.resolve();

  const wanted = (): Hold => {
    if (held.size === 0) return 'read';
    return held.size === 1 && held.has('mig-pending') ? 'look' : 'rest';
  };
  const move = async (): Promise<void> => {
    const next = wanted();
    if (next === hold) return;
    hold = next;
    if (next === 'rest') {
      const going = setHold(next);
      const { stuckPids: stuck } = await gate.shut();
      await going;
      stuckPids = stuck;
    } else {
      stuckPids = [];
      gate.open();
      await setHold(next);
    }
  };
  /** One move after the other, so that the last one wanted is where it ends. */
  const settle = async (): Promise<void> => {
    moving = moving.then(move);
    await moving;
    for (const listener of listeners) listener();
  };
  const of = (kind: PauseKind): Pause | null => {
    const found = held.get(kind);
    return found === undefined ? null : { ...found.told, stuckPids };
  };
  const schedule = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const ends = [...held.values()].flatMap(({ endSeconds }) => endSeconds ?? []);
    if (ends.length === 0) return;
    const seconds = Math.min(...ends) - clock.monotonicSeconds();
    timer = setTimeout(endDue, Math.min(longestTimerSeconds, Math.max(0, seconds)) * 1000);
  };
  const end = (...kinds: readonly PauseKind[]): void => {
    const ended = kinds.filter((kind) => held.delete(kind));
    schedule();
    if (ended.length > 0) void settle();
  };
  const endDue = (): void => {
    const nowSeconds = clock.monotonicSeconds();
    end(
      ...strongest.filter((kind) => (held.get(kind)?.endSeconds ?? Number.POSITIVE_INFINITY) <= nowSeconds),
    );
    schedule();
  };
  return {
    async pause({ kind, forSeconds, by, reason }) {
      const nowMilliseconds = clock.nowMilliseconds();
      const until = forSeconds === null ? null : new Date(nowMilliseconds + forSeconds * 1000).toISOString();
      const endSeconds = forSeconds === null ? null : clock.monotonicSeconds() + forSeconds;
      const since = held.get(kind)?.told.since ?? new Date(nowMilliseconds).toISOString();
      held.set(kind, { told: { kind, since, until, by, reason }, endSeconds });
      schedule();
      await settle();
      return { stuckPids };
    },
    end,
    get current() {
      const kind = strongest.find((each) => held.has(each));
      return kind === undefined ? null : of(kind);
    },
    of,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      listeners.clear();
    },
  };
}
