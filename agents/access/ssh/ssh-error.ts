/** Why a host cannot be read over SSH; each is told by itself, since each has another way out. */
export type SshCondition =
  /** No TCP connection: the name is unknown, the port closed, or nobody answers. */
  | 'unreachable'
  /** TCP was accepted and then nothing came, or too much before a login. */
  | 'no-handshake'
  /** known_hosts does not name its key: a person has to look at the fingerprint. */
  | 'unknown-key'
  /** It shows another key than known_hosts has for it. */
  | 'changed-key'
  /** known_hosts says `@revoked` of the key that it shows. */
  | 'revoked-key'
  /** known_hosts cannot be read, or has only a certificate authority for the host, which is not usable here. */
  | 'known-hosts'
  /** Our own key or agent: absent, open to others, encrypted without a passphrase, of a kind that we cannot use. */
  | 'identity'
  /** ~/.ssh/config, or what was asked for, says something that cannot be done here. */
  | 'settings'
  /** The host takes none of our keys, or no such user. */
  | 'refused'
  /** Logged in, but no POSIX shell answers. */
  | 'no-shell'
  /** The server allows one session at a time (MaxSessions 1). */
  | 'one-session'
  /** The connection was cut. */
  | 'cut';

/** `message` is whole: it names the host and says what to do where something can be done. */
export class SshError extends Error {
  readonly condition: SshCondition;
  /** What the server shows, as `ssh-keygen -l` writes it (`SHA256:…`); null when it showed no key. */
  readonly fingerprint: string | null;

  constructor(condition: SshCondition, message: string, fingerprint: string | null = null) {
    super(message);
    this.name = 'SshError';
    this.condition = condition;
    this.fingerprint = fingerprint;
  }
}
