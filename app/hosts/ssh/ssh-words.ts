import type { SshHostState, SshTestStepName } from '../../../lib/model/index.ts';

export interface SshStateWords {
  readonly word: string;
  readonly tone: 'quiet' | 'warning' | 'critical';
  /** What it means and what to do, for who looks at one host. */
  readonly says: string;
}

export const sshStateWords: Readonly<Record<SshHostState, SshStateWords>> = {
  connecting: { word: 'connecting', tone: 'quiet', says: 'The hub is on its way there.' },
  reading: { word: 'reading', tone: 'quiet', says: 'Its readings come over SSH.' },
  'waiting-for-key': {
    word: 'waits for its key',
    tone: 'warning',
    says: 'Nobody has vouched for the key that this host shows, so nothing is sent to it. Compare the fingerprint, then accept it.',
  },
  'key-changed': {
    word: 'key changed',
    tone: 'critical',
    says: 'It shows another key than the one that was accepted. The hub sends it nothing and does not try again until someone decides; when it shows the accepted key again, a Test resumes reading.',
  },
  'key-revoked': {
    word: 'key revoked',
    tone: 'critical',
    says: 'Its key is marked as lost. Give the host a new key, then accept that.',
  },
  failing: {
    word: 'not read',
    tone: 'critical',
    says: 'The hub tries again by itself, after 5 minutes at the latest. Test tries at once.',
  },
  'stepped-back': {
    word: 'agent reports',
    tone: 'quiet',
    says: 'The hub leaves it to the agent on the host, and does not read it over SSH. While that stays so, this entry can be removed.',
  },
  off: { word: 'off', tone: 'quiet', says: 'The hub does not read it.' },
};

/** In a few words, for a list; the condition's own text is whole. A code of a newer hub stands as it is. */
const conditionWords: Readonly<Record<string, string>> = {
  unreachable: 'unreachable',
  silent: 'takes the connection and says nothing',
  'endless-banner': 'talks without end',
  'no-handshake': 'no SSH answers',
  'unknown-key': 'key not accepted',
  'changed-key': 'key changed',
  'revoked-key': 'key revoked',
  'needs-certificate': 'needs a certificate',
  'known-hosts': 'known_hosts unreadable',
  identity: 'the hub’s key cannot be used',
  'key-permissions': 'others may read the hub’s key',
  settings: 'settings',
  refused: 'login refused',
  'account-closed': 'account closed',
  'no-shell': 'no shell',
  'forced-command': 'forced command refuses',
  cut: 'connection cut',
  'same-machine': 'an agent of this machine reports',
  'read-twice': 'read under two addresses',
  'one-session': 'few sessions allowed',
  'held-to-list': 'held to the fixed list',
  'noisy-login': 'login prints text',
  'disk-full': 'disk full',
  'clock-off': 'clock is off',
};

export const conditionWord = (code: string): string => conditionWords[code] ?? code;

export const stepWords: Readonly<Record<SshTestStepName, string>> = {
  reachable: 'Reachable',
  'key-known': 'Host key accepted',
  'logged-in': 'Logged in',
  shell: 'Shell answers',
  'nvidia-smi': 'nvidia-smi answers',
  docker: 'Docker can be read',
};

/** `user@address:port`, an IPv6 address in brackets. */
export function placeOf(host: {
  readonly address: string;
  readonly port: number;
  readonly user: string;
}): string {
  const { address, port, user } = host;
  if (port === 22) return `${user}@${address}`;
  return `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** As known_hosts names a host. */
export const knownName = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
