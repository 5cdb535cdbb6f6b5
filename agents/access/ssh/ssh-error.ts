/** Why a host cannot be read over SSH, or not as well as others; each is told by itself, since each has another way out. */
export const sshConditionCodes = [
  /** No TCP connection: the name is unknown, the port closed, or nobody answers. */
  'unreachable',
  /** TCP was accepted and then nothing came. */
  'silent',
  /** It talks without end and never comes to the login. */
  'endless-banner',
  /** It answers, and it comes to no login: no SSH server, no algorithm in common, or it hung up. */
  'no-handshake',
  /** known_hosts does not name its key: a person has to look at the fingerprint. */
  'unknown-key',
  /** It shows another key than known_hosts has for it. */
  'changed-key',
  /** known_hosts says `@revoked` of the key that it shows. */
  'revoked-key',
  /** known_hosts has only a certificate authority for it, or it asks for one: the OpenSSH client can check that, ssh2 cannot. */
  'needs-certificate',
  /** known_hosts cannot be read. */
  'known-hosts',
  /** Our own key or agent: absent, encrypted without a passphrase, of a kind that we cannot use. */
  'identity',
  /** Our own private key may be read by others. */
  'key-permissions',
  /** ~/.ssh/config, or what was asked for, says something that cannot be done here. */
  'settings',
  /** The host takes none of our keys, or knows no such user. */
  'refused',
  /** The host took the key and then closed the door: the account is expired, or locked, or not allowed now. */
  'account-closed',
  /** Logged in, but no POSIX shell answers. */
  'no-shell',
  /** A forced command answers that it does not let us do what we need. */
  'forced-command',
  /** The connection was cut. */
  'cut',
  /** A note, the host is read: the server allows fewer sessions at a time (MaxSessions) than needed; all share a channel. */
  'one-session',
  /** A note: a forced command holds the account to its list. */
  'held-to-list',
  /** A note: the login prints text, which is thrown away. */
  'noisy-login',
  /** A note: a disk that programs need (/, /tmp, /var) is full. */
  'disk-full',
  /** A note: the host's clock is more than a minute from ours. */
  'clock-off',
] as const;

export type SshConditionCode = (typeof sshConditionCodes)[number];

/** Something to know of a host that is read all the same. `text` is whole: it says what, and what to do. */
export interface SshNote {
  readonly code: Extract<
    SshConditionCode,
    'one-session' | 'held-to-list' | 'noisy-login' | 'disk-full' | 'clock-off'
  >;
  readonly text: string;
}

/** `message` is whole: it names the host and says what to do where something can be done. */
export class SshError extends Error {
  readonly condition: SshConditionCode;
  /** What the server shows, as `ssh-keygen -l` writes it (`SHA256:…`); null when it showed no key. */
  readonly fingerprint: string | null;
  /** The key that it showed, as a line of known_hosts that would trust it; null when it showed none. */
  readonly knownHostsLine: string | null;

  constructor(
    condition: SshConditionCode,
    message: string,
    shown: { readonly fingerprint: string | null; readonly knownHostsLine: string | null } | null = null,
  ) {
    super(message);
    this.name = 'SshError';
    this.condition = condition;
    this.fingerprint = shown?.fingerprint ?? null;
    this.knownHostsLine = shown?.knownHostsLine ?? null;
  }
}
