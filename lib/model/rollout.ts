export type RolloutState = 'running' | 'done' | 'failed' | 'stopped';

/**
 * `waiting`: its batch has not begun, or it has not reported since. `skipped`: it cannot be upgraded this way; `detail`
 * says why. The others are as the agent tells them.
 */
export const rolloutHostStates = [
  'waiting',
  'offered',
  'fetching',
  'trial',
  'done',
  'failed',
  'skipped',
] as const;
export type RolloutHostState = (typeof rolloutHostStates)[number];

export interface RolloutHost {
  readonly hostId: string;
  readonly hostname: string;
  /** From 0, which are the first hosts, tried before all others. */
  readonly batch: number;
  readonly state: RolloutHostState;
  /** Version that it ran when it was asked; null when it has not told. */
  readonly fromVersion: string | null;
  readonly detail: string | null;
  /** When it came into this state; null: never out of its first. */
  readonly at: string | null;
}

/** An upgrade of agents: first a few hosts, then batch after batch; the first failure stops it. */
export interface Rollout {
  readonly id: string;
  readonly serial: number;
  readonly version: string;
  /** Of the agent's file, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly signature: string;
  readonly trialSeconds: number;
  readonly firstHosts: number;
  readonly batchSize: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly state: RolloutState;
  readonly endedAt: string | null;
  /** Why it was stopped, or failed. */
  readonly why: string | null;
  readonly hosts: readonly RolloutHost[];
}

/** What one host runs, for the page of agents. */
export interface AgentView {
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly isReporting: boolean;
  /** Null when it has not told. */
  readonly version: string | null;
  readonly sha256: string | null;
  readonly canUpgrade: boolean;
  /** It runs the very file that this hub has. */
  readonly isCurrent: boolean;
  readonly access: string | null;
  readonly isSimulated: boolean;
}

export interface AgentsView {
  /** The agent that this hub has to give; null when none is built. */
  readonly offered: { readonly version: string; readonly sha256: string; readonly sizeBytes: number } | null;
  readonly agents: readonly AgentView[];
  /** The youngest first. */
  readonly rollouts: readonly Rollout[];
}
