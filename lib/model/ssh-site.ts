import type { SshClient } from './ssh-host.ts';

/** A host that the fleet file wants read over SSH. */
export interface SiteSshHost {
  readonly address: string;
  /** As the file writes it: a host, or a pattern of hosts. */
  readonly pattern: string;
  readonly port: number;
  readonly user: string;
  /** `[user@]host[:port]`, the nearest first. */
  readonly jumps: readonly string[];
  /** Name of one of the hub's keys. */
  readonly keyName: string;
  /** Null: the hub's own. */
  readonly intervalSeconds: number | null;
  readonly client: SshClient;
}
