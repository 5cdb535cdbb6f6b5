/**
 * Why an agent let go of its GPUs: told to on the host (`command`) or by the hub (`hub`), a MIG mode that waits for a
 * reset (`mig-pending`), or GPUs that sleep and are not woken (`asleep`).
 */
export const pauseKinds = ['command', 'hub', 'mig-pending', 'asleep'] as const;
export type PauseKind = (typeof pauseKinds)[number];

/** In a report: nothing of the agent holds a GPU, and no number of the GPUs is of now. */
export interface Pause {
  /** A PauseKind; a newer agent may have others. */
  readonly kind: string;
  /** Host clock, ISO 8601. */
  readonly since: string;
  /** When the agent takes up again by itself, host clock; null: when the cause is over. */
  readonly until: string | null;
  /** Who asked; null when nobody did. */
  readonly by: string | null;
  readonly reason: string | null;
  /** Processes that hold a GPU all the same, since not even SIGKILL ends them. */
  readonly stuckPids: readonly number[];
}

/** What the hub asks of an agent in its answer to a push. Seconds, so that no two clocks need to agree. */
export interface AskedPause {
  /** Of this asking: a host that resumed by itself does not obey the same twice. */
  readonly id: string;
  readonly seconds: number;
  readonly by: string;
  readonly reason: string | null;
}

/** Pauses end by themselves: the longest that can be asked for. */
export const longestPauseSeconds = 24 * 3600;
export const usualPauseSeconds = 30 * 60;
export const longestPauseReason = 500;

/** What people asked of a host, whether or not its agent has done it yet. Hub clock, ISO 8601. */
export interface HostAskedPause {
  readonly until: string;
  readonly by: string;
  readonly reason: string | null;
}
