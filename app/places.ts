import type { Actor } from '../lib/hub/actor.ts';

/** What a signed-in person may do. */
export type Role = Extract<Actor, { kind: 'user' }>['role'];

/** A page that the bar, the keys and search lead to. */
export interface Place {
  readonly href: string;
  readonly label: string;
  /** What is there, in a few words for search. */
  readonly detail: string;
  /** The key after `g`; null: none. */
  readonly key: string | null;
  /** Whether it stands in the bar; the others are found by search, keys and the tools at the right. */
  readonly inBar: boolean;
  /** Not offered to who may less; the page itself checks again. */
  readonly role: Role;
}

/** A tab of a page: search leads there, no key does. */
const part = (href: string, label: string, detail: string, role: Role): Place => ({
  href,
  label,
  detail,
  key: null,
  inBar: false,
  role,
});

/** Every page with an address of its own, in the order of the bar. A new page is a line here and nothing else. */
export const places: readonly Place[] = [
  { href: '/', label: 'Fleet', detail: 'every GPU a cell', key: 'f', inBar: true, role: 'viewer' },
  { href: '/hosts', label: 'Hosts', detail: 'table of hosts', key: 'h', inBar: true, role: 'viewer' },
  { href: '/gpus', label: 'GPUs', detail: 'table of GPUs', key: 'g', inBar: true, role: 'viewer' },
  {
    href: '/containers',
    label: 'Containers',
    detail: 'who uses GPUs: containers, pods, jobs, users',
    key: 'c',
    inBar: true,
    role: 'viewer',
  },
  {
    href: '/waste',
    label: 'Waste',
    detail: 'GPU-hours of a month: granted, used, idle, energy, cost',
    key: 'w',
    inBar: true,
    role: 'viewer',
  },
  {
    href: '/versions',
    label: 'Versions',
    detail: 'drivers and stack against their baselines, who drifted',
    key: 'v',
    inBar: true,
    role: 'viewer',
  },
  {
    href: '/changes',
    label: 'Changes',
    detail: 'what changed on which hosts and when: drivers, packages, settings',
    key: 't',
    inBar: false,
    role: 'viewer',
  },
  {
    href: '/compat',
    label: 'Compatibility',
    detail: 'will it run: images against drivers, upgrade plans',
    key: 'r',
    inBar: true,
    role: 'viewer',
  },
  {
    href: '/alerts',
    label: 'Alerts',
    detail: 'what fires, its history, silences, channels',
    key: 'a',
    inBar: true,
    role: 'viewer',
  },
  {
    href: '/errors',
    label: 'Errors',
    detail: 'paste an error text: what it means, the fix, who has it',
    key: 'e',
    inBar: false,
    role: 'viewer',
  },
  {
    href: '/hosts/add',
    label: 'Add host',
    detail: 'command for a new host',
    key: 'n',
    inBar: false,
    role: 'admin',
  },
  {
    href: '/hosts/ssh',
    label: 'SSH hosts',
    detail: 'hosts that the hub reads over SSH, without an agent',
    key: null,
    inBar: false,
    role: 'viewer',
  },
  {
    href: '/account',
    label: 'Account',
    detail: 'your password and sessions',
    key: 'm',
    inBar: false,
    role: 'viewer',
  },
  {
    href: '/settings',
    label: 'Settings',
    detail: 'people, invitations, roles, tokens, sessions, audit log',
    key: 's',
    inBar: false,
    role: 'admin',
  },
  part('/alerts?tab=history', 'Alert history', 'what fired and is over', 'viewer'),
  part('/alerts?tab=silences', 'Silences and maintenance', 'what keeps alerts quiet', 'viewer'),
  part('/alerts?tab=rules', 'Alert rules', 'what the hub watches, and what a rule would fire', 'viewer'),
  part(
    '/alerts?tab=channels',
    'Channels',
    'where alerts are sent: chats, mail, pagers, Alertmanager',
    'admin',
  ),
  part('/settings?tab=tokens', 'Tokens', 'API, scrape and enrolment tokens', 'admin'),
  part('/settings?tab=sessions', 'Sessions', 'who is signed in, from where', 'admin'),
  part('/settings?tab=agents', 'Agents', 'what version each host runs, upgrades', 'admin'),
  part('/settings?tab=audit', 'Audit log', 'who changed what', 'admin'),
];

const roleOrder: readonly Role[] = ['viewer', 'operator', 'admin'];

/** Whether someone of that role may do what `needed` may. */
export const mayDo = (role: Role, needed: Role): boolean =>
  roleOrder.indexOf(role) >= roleOrder.indexOf(needed);

export const placesFor = (role: Role): readonly Place[] => places.filter((place) => mayDo(role, place.role));
