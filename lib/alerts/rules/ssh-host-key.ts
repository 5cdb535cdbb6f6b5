import type { Rule } from './rule.ts';

const name = 'ssh-host-key';

const words = {
  changed: {
    cause: 'SSH host key changed',
    what: (host: string) => `${host} shows another SSH host key`,
    whatToDo:
      'Find out whether the host was set up anew. If so, compare the fingerprint with the one that ssh-keygen prints on the host itself, and accept it. If not, somebody may stand between: leave it.',
  },
  revoked: {
    cause: 'SSH host key revoked',
    what: (host: string) => `${host} shows an SSH host key that is revoked`,
    whatToDo: 'Give the host a new key, and accept that one; the old one is known to be lost.',
  },
} as const;

/** Nothing is read of such a host, and nothing is tried, until a person acts. */
export const sshHostKey: Rule = {
  name,
  severity: 'critical',
  watches:
    'A host that is read over SSH shows another host key than the one that was accepted, or a revoked one.',
  afterSeconds: () => 0,
  clearSeconds: 0,
  cleared: 'its key is trusted again',
  evaluate({ reading, tracked }) {
    const found = reading.ssh.flatMap(({ id, name: host, hostId, keyTrouble, sinceMillis, fingerprint }) =>
      keyTrouble === null
        ? []
        : [
            {
              subject: id,
              verdict: 'holds' as const,
              facts: {
                severity: 'critical' as const,
                cause: words[keyTrouble].cause,
                what: words[keyTrouble].what(host),
                hosts: hostId === null ? [] : [{ id: hostId, hostname: host }],
                since: new Date(sinceMillis).toISOString(),
                whyItMatters: `The hub reads nothing of it until a person has looked. It shows ${fingerprint ?? 'a key that is not known'}.`,
                whatToDo: words[keyTrouble].whatToDo,
                href: `/hosts/ssh?ssh=${encodeURIComponent(id)}`,
                labels: { ssh_host: host, ...(fingerprint === null ? {} : { fingerprint }) },
              },
            },
          ],
    );
    const known = new Set(reading.ssh.map(({ id }) => id));
    const removed = [...tracked(name).keys()].filter((id) => !known.has(id));
    return [
      ...found,
      ...removed.map((subject) => ({
        subject,
        verdict: 'ended' as const,
        reason: 'the host is not read over SSH any more',
      })),
    ];
  },
};
