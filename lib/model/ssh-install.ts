/** `waiting`: the script is through, and the agent's first report is awaited. */
export type SshInstallState = 'queued' | 'running' | 'waiting' | 'done' | 'failed';

/** How far the agent's installation over SSH is on one host. Kept in memory, the last one of each host. */
export interface SshInstall {
  readonly sshHostId: string;
  readonly state: SshInstallState;
  /** What the script said last, or why it failed, whole; null before it spoke. */
  readonly line: string | null;
  readonly startedAt: string;
  /** Null while it goes on. */
  readonly endedAt: string | null;
  /** Who asked, as in the audit log. */
  readonly by: string;
}

export interface SshInstallsView {
  readonly items: readonly SshInstall[];
}
