import {
  type FacetName,
  type FacetReading,
  facetNames,
  longestFacetValue,
  type Report,
  type SourceStatus,
  smiAnswers,
} from '../model/index.ts';

/** What of a report the facets are read from. */
export type ReportedStack = Pick<Report, 'stack' | 'sources' | 'condition' | 'failure'>;

interface Facet {
  /** Source by which a missing value is explained. */
  readonly source: string;
  readonly from: string;
  readonly absentWords: string;
  readonly read: (report: ReportedStack) => string | null;
  /** Another place that may tell it; null when that does not, or must not, stand in. */
  readonly fallback?: (report: ReportedStack, source: SourceStatus | null) => FacetReading | null;
  readonly note?: (report: ReportedStack) => string | null;
}

const told = (value: string, reason: string, note: string | null): FacetReading => ({
  value: value.slice(0, longestFacetValue),
  missing: null,
  reason,
  note,
});

const sourceOf = (report: ReportedStack, name: string): SourceStatus | null =>
  report.sources.find((each) => each.source === name) ?? null;

const ifSmiAnswers = (report: ReportedStack, value: string | null): string | null =>
  smiAnswers(report) ? value : null;

/** Two answers of two layers: the module that is loaded, and the library that nvidia-smi uses. */
function driverMismatch(report: ReportedStack): string | null {
  const { kernelDriverVersion: kernel } = report.stack;
  const library = ifSmiAnswers(report, report.stack.driverVersion);
  if (kernel === null || library === null || kernel === library) return null;
  return `the loaded kernel module is ${kernel}, nvidia-smi's library says ${library}`;
}

function libraryInstead(report: ReportedStack, source: SourceStatus | null): FacetReading | null {
  // Until the module was asked, and while it does not answer, the library's word could be another one.
  const wasAsked = source === null || (source.runs > 0 && source.state !== 'hung');
  const version = ifSmiAnswers(report, report.stack.driverVersion);
  if (!wasAsked || version === null) return null;
  return told(version, 'nvidia-smi', 'told by nvidia-smi: /proc/driver/nvidia/version was not readable');
}

/** The facets, as data: what is compared over the fleet, where each comes from. */
export const facets: Readonly<Record<FacetName, Facet>> = {
  driver: {
    source: 'driver-version',
    from: '/proc/driver/nvidia/version',
    absentWords: 'no NVIDIA kernel module is loaded',
    read: ({ stack }) => stack.kernelDriverVersion,
    fallback: libraryInstead,
    note: driverMismatch,
  },
  cuda: {
    source: 'nvidia-smi-xml',
    from: 'nvidia-smi',
    absentWords: 'nvidia-smi is not on this host',
    read: (report) => ifSmiAnswers(report, report.stack.cudaVersion),
  },
  toolkit: {
    source: 'container-toolkit',
    from: 'nvidia-ctk --version',
    absentWords: 'nvidia-ctk was not found: no NVIDIA Container Toolkit that the agent can see',
    read: ({ stack }) => stack.containerToolkitVersion,
  },
  runtime: {
    source: 'docker',
    from: 'Docker Engine',
    absentWords: 'no Docker socket',
    read: ({ stack }) => stack.dockerVersion,
  },
  kernel: {
    source: 'os',
    from: '/proc/sys/kernel/osrelease',
    absentWords: 'the kernel does not tell its release',
    read: ({ stack }) => stack.kernelVersion,
  },
};

function missing(facet: Facet, report: ReportedStack, source: SourceStatus | null): FacetReading {
  const without = (kind: 'absent' | 'unknown', reason: string): FacetReading => ({
    value: null,
    missing: kind,
    reason,
    note: null,
  });
  if (source === null) return without('unknown', 'its agent does not tell');
  if (source.runs === 0) return without('unknown', 'not read: the agent has not asked, or was told not to');
  if (source.state === 'absent') return without('absent', facet.absentWords);
  const failure = source.failure ?? (source.state === 'ok' ? null : report.failure);
  const why = failure?.message.split('\n', 1)[0] ?? `${facet.from} did not tell`;
  return without('unknown', source.state === 'paused' ? 'the agent is paused' : why.slice(0, 300));
}

function readFacet(facet: Facet, report: ReportedStack): FacetReading {
  const source = sourceOf(report, facet.source);
  const value = facet.read(report);
  if (value !== null && value !== '') return told(value, facet.from, facet.note?.(report) ?? null);
  return facet.fallback?.(report, source) ?? missing(facet, report, source);
}

/** Every facet as one report tells it. */
export function readFacets(report: ReportedStack): Readonly<Record<FacetName, FacetReading>> {
  const entries = facetNames.map((name) => [name, readFacet(facets[name], report)]);
  return Object.fromEntries(entries) as Record<FacetName, FacetReading>;
}
