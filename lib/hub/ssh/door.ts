import type { SshClient, SshHostKey, SshTestStep } from '../../model/index.ts';
import type { RootScript, RootScriptEnd } from './root-scripts.ts';

/** The private key to log in with: its text, or a file on the hub's machine. */
export type DoorKey =
  | { readonly text: string }
  | { readonly path: string; readonly passphrase: string | null };

export interface DoorTarget {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly jumps: readonly string[];
  readonly client: SshClient;
  readonly key: DoorKey;
  /** Lines of known_hosts that people of this hub accepted. */
  readonly knownHosts: string;
}

/** A key that a host (or one on the way to it) showed and that is not trusted. */
export interface OfferedKey extends SshHostKey {
  /** Line of known_hosts that would trust it. */
  readonly line: string;
}

export interface DoorFault {
  /** Of the closed list of agents/access/ssh. */
  readonly code: string;
  readonly text: string;
  readonly offered: OfferedKey | null;
}

export interface DoorNote {
  readonly code: string;
  readonly text: string;
}

/** A host that is being read. */
export interface OpenReader {
  readonly hostname: string;
  /** As an agent there would say it; null where it has none. */
  readonly machine: string | null;
  readonly notes: readonly DoorNote[];
  /** Settles when the connection is gone, however it went. */
  readonly gone: Promise<void>;
  /** Ends reading and everything over there. */
  stop(): Promise<void>;
}

export interface TakenAnswer {
  readonly status: number;
  readonly body: string;
}

/** What an agent sends when it was asked for a capture. */
export interface SentCapture {
  readonly captureId: string;
  /** The archive, or why there is none. */
  readonly sent: Buffer | { readonly message: string };
}

export interface ReadWishes {
  readonly hostId: string;
  readonly intervalSeconds: number;
  /** Takes the body of a push as an agent sends it, but not packed. Never rejects. */
  readonly push: (body: Buffer) => Promise<TakenAnswer>;
  /** Never rejects. */
  readonly capture: (capture: SentCapture) => Promise<TakenAnswer>;
  readonly log: (line: string) => void;
}

/** All that the hub wants of SSH, so that only one of its files knows how it is done. No method rejects for what a host does. */
export interface SshDoor {
  makeKey(comment: string): { readonly privateText: string; readonly publicLine: string };
  /** Rejects with one line for a file that cannot be used. */
  publicLine(path: string, passphrase: string | null): Promise<string>;
  open(target: DoorTarget, wishes: ReadWishes): Promise<OpenReader | DoorFault>;
  test(target: DoorTarget): Promise<{
    readonly steps: readonly SshTestStep[];
    readonly offered: OfferedKey | null;
  }>;
  runRootScript(target: DoorTarget, script: RootScript): Promise<RootScriptEnd>;
}
