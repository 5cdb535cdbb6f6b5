import type { HostAccess } from '../host-access.ts';
import type { SshNote } from './ssh-error.ts';

/** How programs and files of the host are reached once somebody is logged in. */
export interface Way extends Pick<HostAccess, 'run' | 'stream' | 'readFile' | 'listFolder' | 'stuckPids'> {
  /** Ends what runs over there; what carries it is the caller's to close. */
  end(): Promise<void>;
}

export interface SshAccess extends HostAccess {
  /** Resolves when the connection is gone, however it went. */
  readonly disconnected: Promise<void>;
  /** What to know of the host though it is read; as it was when the connection was opened. */
  readonly notes: readonly SshNote[];
}
