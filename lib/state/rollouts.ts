import type { Rollout } from '../model/index.ts';

/** Upgrades of agents. The newest are kept, older ones forgotten. */
export interface RolloutStore {
  putRollout(rollout: Rollout): Promise<void>;
  /** The youngest first. */
  listRollouts(limit: number): Promise<readonly Rollout[]>;
}
