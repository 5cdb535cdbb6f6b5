import type { Pause } from '../../../lib/model/index.ts';

/** One line of JSON each way over the agent's control socket. */
export type ControlRequest =
  | {
      readonly do: 'pause';
      readonly forSeconds: number;
      readonly by: string | null;
      readonly reason: string | null;
    }
  | { readonly do: 'resume' }
  | { readonly do: 'status' };

export type ControlAnswer =
  | {
      readonly ok: true;
      readonly pid: number;
      readonly pause: Pause | null;
      readonly stuckPids: readonly number[];
    }
  | { readonly ok: false; readonly error: string };

export const controlSocketName = 'control.sock';
/** The kernel's limit for the path of a Unix socket, with its ending zero. */
export const longestSocketPath = 107;
export const longestLine = 8192;
