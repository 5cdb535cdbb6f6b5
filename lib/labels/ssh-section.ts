import { z } from 'zod';
import { type SiteSshHost, sshClients } from '../model/index.ts';
import { expandHostPattern, mostHostsOfPattern } from './host-pattern.ts';
import { readDuration } from './quantities.ts';
import { checked, orNothing } from './schema-parts.ts';

const mostEntries = 5000;
const mostJumps = 8;

const named = (pattern: RegExp, message: string) => checked((text) => (pattern.test(text) ? null : message));

/** Never what a command could take for an option. */
const addressForm = /^(?!-)[A-Za-z0-9._-]{1,253}$/;
const ipv6Form = /^[0-9a-fA-F:.]{2,45}$/;

function patternFault(pattern: string): string | null {
  if (pattern.length > 253) return 'is longer than 253 characters';
  if (pattern.includes(':'))
    return ipv6Form.test(pattern) ? null : 'is no host name; the port is a line of its own';
  const expanded = expandHostPattern(pattern);
  if ('fault' in expanded) return expanded.fault;
  return addressForm.test(expanded.hosts[0] ?? '')
    ? null
    : 'is no host name or IP address, nor a pattern such as gpu[001-120].example';
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

function jumpFault(text: string): string | null {
  const found = /^(?:([^@]+)@)?(\[[0-9a-fA-F:.]+\]|[^:@[\]]+)(?::(\d+))?$/.exec(text);
  const [, user, host = '', port] = found ?? [];
  const isRight =
    found !== null &&
    (host.startsWith('[') || addressForm.test(host)) &&
    (user === undefined || /^(?!-)[A-Za-z0-9._-]{1,64}$/.test(user)) &&
    (port === undefined || isPort(port));
  return isRight ? null : 'is no jump host, such as ada@bastion.example:22';
}

function intervalFault(text: string): string | null {
  const seconds = readDuration(text);
  return seconds !== null && seconds >= 1 && seconds <= 3600 ? null : 'is no time from 1s to 1h, such as 5s';
}

const entry = z.strictObject(
  {
    user: named(/^(?!-)[A-Za-z0-9._-]{1,64}\$?$/, 'is no user name'),
    key: named(/^[A-Za-z0-9._-]{1,64}$/, "is no name of one of the hub's keys"),
    port: checked((text) => (isPort(text) ? null : 'is no port, 1 to 65535')).optional(),
    jump: z
      .preprocess(
        (value) => (typeof value === 'string' ? [value] : value),
        z.array(checked(jumpFault), 'must be a host or a list').max(mostJumps, `has more than ${mostJumps}`),
      )
      .optional(),
    interval: checked(intervalFault).optional(),
    client: checked((text) =>
      sshClients.some((client) => client === text) ? null : `is none of ${sshClients.join(', ')}`,
    ).optional(),
  },
  'must be a map with user and key',
);

const hostsOf = (pattern: string): readonly string[] => {
  if (pattern.includes(':')) return [pattern];
  const expanded = expandHostPattern(pattern);
  return 'hosts' in expanded ? expanded.hosts : [];
};

/** `ssh:` of a fleet file: hosts, or patterns of them, that the hub reads over SSH. */
export const sshSection = orNothing(
  z
    .record(checked(patternFault), entry, 'must be a map from host, or pattern of hosts, to user and key')
    .refine((all) => Object.keys(all).length <= mostEntries, `has more than ${mostEntries} entries`),
)
  .transform((all): readonly SiteSshHost[] =>
    Object.entries(all as Readonly<Record<string, z.infer<typeof entry>>>).flatMap(([pattern, of]) =>
      hostsOf(pattern).map((address) => ({
        address: address.toLowerCase(),
        pattern,
        port: Number(of.port ?? 22),
        user: of.user,
        jumps: of.jump ?? [],
        keyName: of.key,
        intervalSeconds: of.interval === undefined ? null : readDuration(of.interval),
        client: of.client === 'openssh' ? 'openssh' : 'ssh2',
      })),
    ),
  )
  .superRefine((hosts, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (hosts.length > mostHostsOfPattern) issue(`stands for more than ${mostHostsOfPattern} hosts in all`);
    const seen = new Set<string>();
    for (const { address, port } of hosts) {
      const place = `${address}:${port}`;
      if (seen.has(place)) return issue(`names ${place} twice`);
      seen.add(place);
    }
  });
