import type { AgentStatus, Rollout, UpgradeOffer } from '../../model/index.ts';
import type { StateStore } from '../../state/state-store.ts';
import { afterPush, afterTime, isSettled, openBatch, stopped } from './plan.ts';

const saveEveryMillis = 1000;

export interface RolloutsOptions {
  readonly state: StateStore;
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** When a host reported last, milliseconds; null: never. */
  readonly lastReportAtMillis: (hostId: string) => number | null;
  /** No host of it is on its way any more: what is on the shelf may go. Never rejects. */
  readonly onSettled: () => Promise<void>;
}

/** The upgrades under way: what each host is offered with the answer to its push, and how far all are. */
export interface Rollouts {
  load(): Promise<void>;
  /** The one under way; null: none. */
  readonly current: Rollout | null;
  begin(rollout: Rollout): Promise<void>;
  /** Null: none runs under this id. */
  stop(id: string, why: string): Promise<Rollout | null>;
  /** After each accepted push; what to offer, or null. */
  afterPush(hostId: string, agent: AgentStatus): UpgradeOffer | null;
  tick(): void;
  close(): Promise<void>;
}

export function createRollouts(options: RolloutsOptions): Rollouts {
  const { state, now, log } = options;
  /** Stays after it ended while hosts are still on their way, so that the page tells how each ended. */
  let rollout: Rollout | null = null;
  let isDirty = false;
  let savedAtMillis = 0;
  let open: { readonly batch: number; readonly sinceMillis: number } | null = null;
  const save = async (): Promise<void> => {
    const saving = rollout;
    if (saving === null || !isDirty) return;
    isDirty = false;
    savedAtMillis = now();
    await state.putRollout(saving);
    if (rollout !== saving || !isSettled(saving)) return;
    // Before another can begin, which puts its own file there.
    await options.onSettled();
    rollout = null;
  };
  const saveSoon = (): void => {
    void save().catch((error: unknown) => {
      isDirty = true;
      log(`agents: ${String(error)}`);
    });
  };
  const followBatch = (): void => {
    const batch = rollout === null ? null : openBatch(rollout);
    if (batch === null) open = null;
    else if (open?.batch !== batch) open = { batch, sinceMillis: now() };
  };
  const take = (next: Rollout): void => {
    if (next === rollout) return;
    const hasEnded = rollout?.state === 'running' && next.state !== 'running';
    rollout = next;
    isDirty = true;
    followBatch();
    if (!hasEnded) return;
    log(`agents: the upgrade to ${next.version} is ${next.state}${next.why === null ? '' : `: ${next.why}`}`);
    saveSoon();
  };
  return {
    async load() {
      const kept = (await state.listRollouts(1))[0] ?? null;
      rollout = kept === null || isSettled(kept) ? null : kept;
      followBatch();
    },
    get current() {
      return rollout;
    },
    async begin(next) {
      await state.putRollout(next);
      rollout = next;
      followBatch();
    },
    async stop(id, why) {
      if (rollout?.id !== id || rollout.state !== 'running') return null;
      const ended = stopped(rollout, why, new Date(now()).toISOString());
      take(ended);
      await save();
      return ended;
    },
    afterPush(hostId, agent) {
      if (rollout === null) return null;
      const after = afterPush(rollout, hostId, { agent, now: new Date(now()).toISOString() });
      take(after.rollout);
      return after.offer;
    },
    tick() {
      if (rollout === null) return;
      const silentSeconds = (hostId: string): number | null => {
        const at = options.lastReportAtMillis(hostId);
        return at === null ? null : (now() - at) / 1000;
      };
      const openSeconds = open === null ? 0 : (now() - open.sinceMillis) / 1000;
      take(afterTime(rollout, now(), { openSeconds, silentSeconds }));
      if (isDirty && now() - savedAtMillis >= saveEveryMillis) saveSoon();
    },
    close: save,
  };
}
