import {
  type FacetName,
  type StackIssue,
  type StackIssueGroup,
  stackIssueKinds,
  type VersionsHost,
  versionOrder,
} from '../model/index.ts';
import { facetAdvice } from './advice.ts';
import { branchNumber, monthsLeft, type OpenCve, type StackKnowledge } from './knowledge.ts';
import { closingVersion, openDriverCves, openToolkitCves } from './vulnerable.ts';

interface Told {
  readonly value: string;
  readonly since: string | null;
}

type Found = Omit<StackIssue, 'hostId' | 'hostname' | 'group'>;

/** Months before the end of a branch from which on that is said. */
const endingMonths = 3;
const mostCves = 30;
/** CVSS from which on a vulnerability is critical. */
const criticalScore = 9;

/** The value of now; of a host that does not report, the last one: all its values are equally old. */
function toldOf(host: VersionsHost, facet: FacetName): Told | null {
  const { value, since, toldAt } = host.facets[facet];
  return value === null || (host.reporting && toldAt !== null) ? null : { value, since };
}

const later = (a: Told, b: Told): string | null => ((a.since ?? '') > (b.since ?? '') ? a.since : b.since);

const nothing = { cves: [], closedBy: null } as const;
const reboot = [
  'Drain the host, then reboot it: the new module is loaded with the library that belongs to it.',
  'Without a reboot: end everything that uses the GPUs, then unload and load the modules (nvidia_uvm, nvidia_drm, nvidia_modeset, nvidia).',
  'Hold the driver packages, so that an unattended upgrade does not do it again.',
];

/** Library or module on disk of another version than the module that runs. */
function mismatch(host: VersionsHost): readonly Found[] {
  const loaded = toldOf(host, 'driver');
  if (loaded === null) return [];
  const library = toldOf(host, 'library');
  const onDisk = toldOf(host, 'moduleOnDisk');
  if (library !== null && library.value !== loaded.value) {
    const isNewer = versionOrder(library.value, loaded.value) > 0;
    const disk = onDisk?.value === library.value ? ', and so is the module on disk' : '';
    return [
      {
        kind: isNewer ? 'pending-mismatch' : 'library-mismatch',
        severity: 'critical',
        facet: 'library',
        since: later(library, loaded),
        what: `The driver library on disk is ${library.value}${disk}; the loaded module is still ${loaded.value}.`,
        why: isNewer
          ? 'Reboot needed: programs that run go on, but every new one fails with "Driver/library version mismatch".'
          : 'Every program that starts fails with "Driver/library version mismatch".',
        fix: isNewer ? reboot : facetAdvice.library,
        ...nothing,
      },
    ];
  }
  if (onDisk === null || onDisk.value === loaded.value) return [];
  return [
    {
      kind: 'pending-mismatch',
      severity: 'warning',
      facet: 'moduleOnDisk',
      since: later(onDisk, loaded),
      what: `The module on disk is ${onDisk.value}; the loaded one is ${loaded.value}.`,
      why:
        library === null
          ? 'Reboot needed: the next boot loads the other module, and the library must be of its version.'
          : `The next boot loads ${onDisk.value} beside the library ${library.value}: every CUDA program then fails.`,
      fix: library === null ? reboot : facetAdvice.moduleOnDisk,
      ...nothing,
    },
  ];
}

/** A part that must be of exactly the driver's version. */
function unequal(
  host: VersionsHost,
  facet: 'cdiDriver' | 'fabricManager',
  words: Pick<Found, 'kind' | 'severity' | 'why'> & { readonly name: string },
): readonly Found[] {
  const [driver, part] = [toldOf(host, 'driver'), toldOf(host, facet)];
  if (driver === null || part === null || driver.value === part.value) return [];
  const { kind, severity, why, name } = words;
  const what = `${name} is ${part.value}; the driver is ${driver.value}.`;
  return [
    { kind, severity, facet, since: later(part, driver), what, why, fix: facetAdvice[facet], ...nothing },
  ];
}

function vulnerable(
  kind: 'vulnerable-driver' | 'vulnerable-toolkit',
  name: string,
  told: Told,
  open: readonly OpenCve[],
): readonly Found[] {
  const [worst] = open;
  const closedBy = closingVersion(open);
  if (worst === undefined || closedBy === null) return [];
  const count = open.length === 1 ? worst.cve : `${worst.cve} and ${open.length - 1} more`;
  return [
    {
      kind,
      severity: worst.cvss >= criticalScore ? 'critical' : 'warning',
      facet: kind === 'vulnerable-driver' ? 'driver' : 'toolkit',
      since: told.since,
      what: `${name} ${told.value} is open to ${count}, which ${closedBy} closes.`,
      why: `The worst of them has a CVSS score of ${worst.cvss} (NVIDIA’s security bulletin ${worst.bulletin}).`,
      fix: [
        `Install ${name.toLowerCase()} ${closedBy} or newer.`,
        ...(kind === 'vulnerable-driver' ? facetAdvice.driver.slice(0, 3) : facetAdvice.toolkit.slice(1)),
      ],
      cves: open.slice(0, mostCves).map(({ cve }) => cve),
      closedBy,
    },
  ];
}

const monthWords = (month: string): string => {
  const names = 'January February March April May June July August September October November December';
  return `${names.split(' ')[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
};

function branchEnd(driver: Told, { branches }: StackKnowledge, nowIso: string): readonly Found[] {
  const number = branchNumber(driver.value);
  const until = branches.find(({ branch }) => branch === number)?.supportedUntil ?? null;
  if (until === null) return [];
  const left = monthsLeft(until, nowIso);
  if (left > endingMonths) return [];
  const supported = branches
    .filter(
      ({ supportedUntil }) => supportedUntil !== null && monthsLeft(supportedUntil, nowIso) > endingMonths,
    )
    .map(
      ({ branch, kind, supportedUntil }) => `R${branch} (${kind}, until ${monthWords(supportedUntil ?? '')})`,
    );
  const ended = left < 0;
  return [
    {
      kind: ended ? 'branch-ended' : 'branch-ending',
      severity: ended ? 'warning' : 'info',
      facet: 'driver',
      since: driver.since,
      what: `Support of driver branch R${number} ${ended ? 'ended in' : 'ends in'} ${monthWords(until)}.`,
      why: ended
        ? 'It gets no fixes any more, also not for vulnerabilities that are found now.'
        : 'After that it gets no fixes, also not for vulnerabilities.',
      fix: [
        supported.length === 0
          ? 'Plan the step to a newer branch.'
          : `Plan the step to a supported branch: ${supported.join(', ')}.`,
        'See first which GPUs it still drives and what your containers need of it.',
      ],
      ...nothing,
    },
  ];
}

/** What is wrong with a host's software whatever its baselines say; the worst kind first. */
export function issuesOf(
  host: VersionsHost,
  knowledge: StackKnowledge,
  nowIso: string,
): readonly StackIssue[] {
  const driver = toldOf(host, 'driver');
  const toolkit = toldOf(host, 'toolkit');
  const found: readonly Found[] = [
    ...mismatch(host),
    ...unequal(host, 'fabricManager', {
      kind: 'fabric-manager',
      severity: 'critical',
      name: 'Fabric manager',
      why: 'It serves only the driver of its own version: no CUDA program can start on these GPUs.',
    }),
    ...unequal(host, 'cdiDriver', {
      kind: 'stale-cdi',
      severity: 'warning',
      name: 'The driver that the CDI specification was made for',
      why: 'It names files of that driver: a container that asks for a GPU does not start, or gets a library that does not fit.',
    }),
    ...(toolkit === null
      ? []
      : vulnerable(
          'vulnerable-toolkit',
          'Container Toolkit',
          toolkit,
          openToolkitCves(toolkit.value, toldOf(host, 'toolkitMode')?.value ?? null, knowledge),
        )),
    ...(driver === null
      ? []
      : [
          ...vulnerable('vulnerable-driver', 'Driver', driver, openDriverCves(driver.value, knowledge)),
          ...branchEnd(driver, knowledge, nowIso),
        ]),
  ];
  const { id: hostId, hostname, group } = host;
  return found.map((issue) => ({ hostId, hostname, group, ...issue }));
}

const severities = ['critical', 'warning', 'info'] as const;

/** One entry for all hosts that have the same; the worst first, then by kind, then where most hosts have it. */
export function groupIssues(issues: readonly StackIssue[]): readonly StackIssueGroup[] {
  const groups = Map.groupBy(issues, ({ kind, what }) => `${kind} ${what}`);
  return [...groups.values()]
    .flatMap((all) => {
      const [first] = all;
      if (first === undefined) return [];
      const { hostId: _id, hostname: _name, group: _group, since: _since, ...same } = first;
      const hosts = all.map(({ hostId: id, hostname, group, since }) => ({ id, hostname, group, since }));
      return [{ ...same, hosts }];
    })
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        stackIssueKinds.indexOf(a.kind) - stackIssueKinds.indexOf(b.kind) ||
        b.hosts.length - a.hosts.length ||
        (a.what < b.what ? -1 : 1),
    );
}
