import type { AskedPause } from '../model/index.ts';
import type { AuditRecord, PauseRecord, StateStore } from '../state/state-store.ts';

/** Which hosts are asked to let go of their GPUs, in memory for every push and in the state over restarts. */
export interface HostPauses {
  load(): Promise<void>;
  ask(pauses: readonly PauseRecord[], audits: readonly AuditRecord[]): Promise<void>;
  end(hostIds: readonly string[], audits: readonly AuditRecord[]): Promise<void>;
  /** What its agent is told; null when nothing is asked of it now. */
  askedOf(hostId: string): AskedPause | null;
  /** Those that hold now. */
  list(): readonly PauseRecord[];
  /** Forgets those that are over; call it each second. */
  tick(): void;
  /** Called with the hosts of which something else is asked than before. */
  onChange(listener: (hostIds: readonly string[]) => void): void;
}

export interface HostPausesOptions {
  readonly state: StateStore;
  readonly now: () => number;
}

export function createHostPauses({ state, now }: HostPausesOptions): HostPauses {
  const held = new Map<string, PauseRecord>();
  const listeners = new Set<(hostIds: readonly string[]) => void>();
  const secondsLeft = ({ until }: PauseRecord): number => (Date.parse(until) - now()) / 1000;
  const tell = (hostIds: readonly string[]): void => {
    if (hostIds.length > 0) for (const listener of listeners) listener(hostIds);
  };
  return {
    async load() {
      for (const pause of await state.listPauses(new Date(now()).toISOString()))
        held.set(pause.hostId, pause);
      tell([...held.keys()]);
    },
    async ask(pauses, audits) {
      await state.putPauses(pauses, audits);
      for (const pause of pauses) held.set(pause.hostId, pause);
      tell(pauses.map(({ hostId }) => hostId));
    },
    async end(hostIds, audits) {
      await state.removePauses(hostIds, audits);
      for (const hostId of hostIds) held.delete(hostId);
      tell(hostIds);
    },
    askedOf(hostId) {
      const pause = held.get(hostId);
      const seconds = pause === undefined ? 0 : secondsLeft(pause);
      return pause === undefined || seconds <= 0
        ? null
        : { id: pause.id, seconds: Math.round(seconds * 10) / 10, by: pause.by, reason: pause.reason };
    },
    list: () => [...held.values()].filter((pause) => secondsLeft(pause) > 0),
    tick() {
      const over = [...held.values()].filter((pause) => secondsLeft(pause) <= 0).map(({ hostId }) => hostId);
      for (const hostId of over) held.delete(hostId);
      tell(over);
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
