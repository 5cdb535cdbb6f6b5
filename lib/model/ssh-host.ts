/**
 * How the hub stands with a host that it reads over SSH. `reading`: its readings come. `connecting`: on the way there.
 * `waiting-for-key`: nobody has accepted its host key. `key-changed`, `key-revoked`: it shows another key, or a lost one; nothing is tried
 * until a person acts. `failing`: what `condition` says; tried again by itself. `stepped-back`: an agent with its id
 * reports. `off`: a person switched it off.
 */
export type SshHostState =
  | 'connecting'
  | 'reading'
  | 'waiting-for-key'
  | 'key-changed'
  | 'key-revoked'
  | 'failing'
  | 'stepped-back'
  | 'off';

/** Why a host cannot be read, or not as well as others. */
export interface SshHostCondition {
  /** One of agents/access/ssh's closed list, such as `refused`, `unreachable`, `one-session`. */
  readonly code: string;
  /** Whole: what it is, and what to do. */
  readonly text: string;
  /** Hub clock, ISO 8601. */
  readonly since: string;
}

export interface SshHostKey {
  /** Whose it is, a jump host's too: `name`, or `[name]:port` where the port is not 22. */
  readonly place: string;
  /** `ssh-ed25519` */
  readonly type: string;
  /** As `ssh-keygen -l` writes it: `SHA256:…` */
  readonly fingerprint: string;
}

export type SshTestStepName = 'reachable' | 'key-known' | 'logged-in' | 'shell' | 'nvidia-smi' | 'docker';

export interface SshTestStep {
  readonly name: SshTestStepName;
  readonly outcome: 'ok' | 'failed' | 'skipped';
  /** What was found, or why it stops here; null where there is nothing to say. */
  readonly text: string | null;
}

export interface SshTest {
  readonly at: string;
  readonly steps: readonly SshTestStep[];
  /** The key that the host showed and nobody has accepted; null where it is known, or none was shown. */
  readonly offeredKey: SshHostKey | null;
}

/**
 * What carries a host's readings. `ssh2`: in the hub's own process. `openssh`: the client `ssh` of the hub's machine, one
 * process a host, for those that need certificates.
 */
export const sshClients = ['ssh2', 'openssh'] as const;
export type SshClient = (typeof sshClients)[number];

/** What a person says of a host that is to be read over SSH. */
export interface SshHostSettings {
  /** Name or IP address. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `[user@]host[:port]`, the nearest first. */
  readonly jumps: readonly string[];
  /** Id of one of the hub's keys. */
  readonly keyId: string;
  /** Null: the hub's own. */
  readonly intervalSeconds: number | null;
  readonly client: SshClient;
}

export interface SshHostView extends SshHostSettings {
  readonly id: string;
  /** From the fleet file it cannot be edited or removed here. */
  readonly source: 'hub' | 'fleet-file';
  readonly keyName: string;
  /** The host in the fleet; null until it was read once. */
  readonly hostId: string | null;
  readonly hostname: string | null;
  readonly state: SshHostState;
  /** Null while nothing is wrong. */
  readonly condition: SshHostCondition | null;
  /** What is to know of a host that is read: one session, no root, no Docker group. */
  readonly notes: readonly { readonly code: string; readonly text: string }[];
  /** That a person, or a known_hosts file, vouched for; null while there is none. */
  readonly acceptedKey: SshHostKey | null;
  /** That it shows now and that is not the accepted one; null where there is none. */
  readonly offeredKey: SshHostKey | null;
  readonly lastTest: SshTest | null;
  /** When its last reading came; null: never. */
  readonly lastReadAt: string | null;
}

/** A key that the hub logs in with; its private part is never shown. */
export interface SshKeyView {
  readonly id: string;
  readonly name: string;
  /** `made`: by this hub, kept encrypted. `file`: read from a path on the hub's machine. `agent`: the hub's ssh-agent. */
  readonly kind: 'made' | 'file' | 'agent';
  /** `ssh-ed25519 AAAA… gpufleet@hub`; null where it cannot be had. */
  readonly publicLine: string | null;
  readonly createdAt: string;
}

/** GET /api/v1/ssh-hosts. */
export interface SshHostsView {
  readonly items: readonly SshHostView[];
  readonly keys: readonly SshKeyView[];
}

/** What adding many would do, or did, by line: `settings` or `fault`, never both. */
export interface SshHostLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly settings: SshHostSettings | null;
  readonly fault: string | null;
}

export interface SshHostLinesView {
  readonly lines: readonly SshHostLine[];
  /** How many were added; 0 for a preview, and where any line is at fault. */
  readonly added: number;
}
