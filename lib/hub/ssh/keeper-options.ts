import type { StateStore } from '../../state/state-store.ts';
import type { Sealer } from '../sealed.ts';
import type { SentCapture, SshDoor, TakenAnswer } from './door.ts';
import type { SeenHost } from './kept-host.ts';

/** What the keeper wants of the hub. */
export interface SshKeeperOptions {
  readonly state: StateStore;
  readonly door: SshDoor;
  readonly sealer: Sealer;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly intervalSeconds: number;
  /** Connections that are being opened at once. */
  readonly mostOpening: number;
  readonly push: (hostId: string, body: Buffer) => Promise<TakenAnswer>;
  readonly capture: (hostId: string, capture: SentCapture) => Promise<TakenAnswer>;
  /** Makes the host known to the fleet, before its first reading. */
  readonly adopt: (hostId: string, hostname: string) => Promise<void>;
  /** An agent has this host's credential: it is not read over SSH. */
  readonly hasAgent: (hostId: string) => Promise<boolean>;
  readonly seen: (hostId: string) => SeenHost | null;
  /** It reported lately. */
  readonly isReporting: (hostId: string) => boolean;
}
