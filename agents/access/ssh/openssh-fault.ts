import { type SshConditionCode, SshError } from './ssh-error.ts';

/** What the OpenSSH client says when it does not come through; its texts are English in every locale. First match counts. */
const faults: readonly (readonly [RegExp, SshConditionCode, string])[] = [
  [/UNPROTECTED PRIVATE KEY FILE/, 'key-permissions', 'our private key may be read by others (chmod 600)'],
  [
    /REVOKED HOST KEY DETECTED|host certificate.*revoked/i,
    'revoked-key',
    'its key is @revoked in known_hosts',
  ],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'changed-key',
    'shows another key than known_hosts has: the host was reinstalled, or somebody stands between',
  ],
  [
    /Certificate invalid|certificate not (?:yet )?valid|Host certificate/i,
    'needs-certificate',
    'its host certificate does not do',
  ],
  [
    /host key is known for|Host key verification failed/,
    'unknown-key',
    'its key is not in known_hosts, nor signed by an authority of it',
  ],
  [/Connection timed out during banner exchange/, 'silent', 'takes the connection and says nothing'],
  [/expired|account.*(?:lock|disab)/i, 'account-closed', 'the account is closed'],
  [
    /Permission denied \(|Too many authentication failures/,
    'refused',
    'the host takes none of our keys (is the key, or the authority of our certificate, known there?)',
  ],
  [
    /Could not resolve|Connection refused|Connection timed out|No route to host|Network is unreachable|Name or service not known/,
    'unreachable',
    'nobody answers',
  ],
  [/ENOENT/, 'settings', 'there is no OpenSSH client (ssh) here'],
  [/Bad configuration|bad owner or permissions|command-line:/i, 'settings', 'ssh_config does not do'],
  [
    /Connection (?:closed|reset)|kex_exchange|Unable to negotiate/,
    'no-handshake',
    'hangs up before the login',
  ],
];

/** Null when it says nothing that is known. */
export function openSshFault(place: string, said: string): SshError | null {
  const found = faults.find(([pattern]) => pattern.test(said));
  if (found === undefined) return null;
  const [pattern, condition, text] = found;
  const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(said)?.[0] ?? null;
  const line = said.split(/\r?\n/).find((each) => pattern.test(each)) ?? '';
  const shown = line
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  return new SshError(condition, `${place}: ${text}; ssh says: ${shown}`, {
    fingerprint,
    knownHostsLine: null,
  });
}
