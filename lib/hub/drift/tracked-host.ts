import { type ReportedStack, readFacets } from '../../drift/index.ts';
import {
  type FacetName,
  type FacetReading,
  facetNames,
  type HostFacet,
  type VersionsHost,
} from '../../model/index.ts';
import type { FacetValueRecord } from '../../state/state-store.ts';

/** A facet's last value on one host. */
interface KnownValue {
  readonly value: string;
  readonly reason: string;
  readonly since: string;
  readonly previous: string | null;
  /** Milliseconds of the hub's clock. */
  toldAtMillis: number;
}

/** What the fleet says of a host now. */
export interface HostNow extends Pick<VersionsHost, 'id' | 'hostname' | 'group' | 'reporting'> {
  /** The newest report, and when it came; null when none ever did. */
  readonly report: ReportedStack | null;
  readonly receivedAtMillis: number | null;
  /** Whether that report may move the values: it is of now, and not from before the hub started. */
  readonly isLive: boolean;
}

const isoOf = (millis: number): string => new Date(millis).toISOString();

const nothing = { changed: false, values: [] } as const;
const neverTold: FacetReading = { value: null, missing: 'unknown', reason: 'no report yet', note: null };
const silent = { missing: 'unknown', reason: 'the host does not report', note: null } as const;

function sameFacet(a: HostFacet, b: HostFacet): boolean {
  return (
    a.value === b.value &&
    a.missing === b.missing &&
    a.toldAt === b.toldAt &&
    a.since === b.since &&
    a.previous === b.previous &&
    a.reason === b.reason &&
    a.note === b.note
  );
}

function sameHost(a: VersionsHost, b: VersionsHost): boolean {
  return (
    a.hostname === b.hostname &&
    a.group === b.group &&
    a.reporting === b.reporting &&
    facetNames.every((facet) => sameFacet(a.facets[facet], b.facets[facet]))
  );
}

/** Whether two reports tell the same of everything that a facet is read from; most do, so it is asked first. */
function sameStack(a: ReportedStack, b: ReportedStack): boolean {
  const [left, right] = [a.stack, b.stack];
  return (
    left.kernelDriverVersion === right.kernelDriverVersion &&
    left.driverVersion === right.driverVersion &&
    left.cudaVersion === right.cudaVersion &&
    left.containerToolkitVersion === right.containerToolkitVersion &&
    left.dockerVersion === right.dockerVersion &&
    left.kernelVersion === right.kernelVersion &&
    a.failure?.message === b.failure?.message &&
    a.sources.length === b.sources.length &&
    a.sources.every((source, index) => {
      const other = b.sources[index];
      return (
        source.source === other?.source &&
        source.state === other.state &&
        source.runs > 0 === other.runs > 0 &&
        source.failure?.message === other.failure?.message
      );
    })
  );
}

/** One host's facets over time: what each is, was, and since when. */
export class TrackedHost {
  readonly #known = new Map<FacetName, KnownValue>();
  #report: ReportedStack | null = null;
  #readings: Readonly<Record<FacetName, FacetReading>> | null = null;
  #view: VersionsHost | null = null;

  /** `records`: its values from before, oldest first; `toldAtMillis`: its last report, where one is known. */
  constructor(records: readonly FacetValueRecord[], toldAtMillis: number | null) {
    for (const { facet, value, since } of records)
      this.#known.set(facet, {
        value,
        since,
        reason: 'known from before the hub started',
        previous: this.#known.get(facet)?.value ?? null,
        toldAtMillis: Math.max(toldAtMillis ?? 0, Date.parse(since)),
      });
  }

  get view(): VersionsHost | null {
    return this.#view;
  }

  /** Returns whether anything shown changed, and the values that are new. */
  take(now: HostNow): { readonly changed: boolean; readonly values: readonly FacetValueRecord[] } {
    const { id, hostname, group, reporting } = now;
    const isNews = now.isLive && now.report !== this.#report;
    if (isNews && this.#saysTheSame(now)) return nothing;
    const values = isNews ? this.#learn(now) : [];
    if (isNews) this.#report = now.report;
    const entries = facetNames.map((facet) => [facet, this.#facet(facet, reporting)]);
    const view: VersionsHost = {
      id,
      hostname,
      group,
      reporting,
      facets: Object.fromEntries(entries) as Record<FacetName, HostFacet>,
    };
    if (this.#view !== null && sameHost(this.#view, view)) return { ...nothing, values };
    this.#view = view;
    return { changed: true, values };
  }

  #saysTheSame({ hostname, group, reporting, report, receivedAtMillis }: HostNow): boolean {
    const view = this.#view;
    if (view === null || this.#report === null || report === null || receivedAtMillis === null) return false;
    if (view.hostname !== hostname || view.group !== group || view.reporting !== reporting) return false;
    if (!sameStack(this.#report, report)) return false;
    this.#report = report;
    for (const [facet, known] of this.#known)
      if (view.facets[facet].toldAt === null) known.toldAtMillis = receivedAtMillis;
    return true;
  }

  #learn({ id, report, receivedAtMillis }: HostNow): readonly FacetValueRecord[] {
    if (report === null || receivedAtMillis === null) return [];
    this.#readings = readFacets(report);
    const records: FacetValueRecord[] = [];
    for (const facet of facetNames) {
      const { value, reason } = this.#readings[facet];
      if (value === null) continue;
      const known = this.#known.get(facet);
      if (known?.value === value) {
        known.toldAtMillis = receivedAtMillis;
        continue;
      }
      const since = isoOf(receivedAtMillis);
      this.#known.set(facet, {
        value,
        reason,
        since,
        previous: known?.value ?? null,
        toldAtMillis: receivedAtMillis,
      });
      records.push({ hostId: id, facet, value, since });
    }
    return records;
  }

  #facet(facet: FacetName, reporting: boolean): HostFacet {
    const reading = this.#readings?.[facet] ?? neverTold;
    const known = this.#known.get(facet);
    const now = reporting ? reading : silent;
    const isToldNow = reporting && reading.value !== null;
    return {
      ...now,
      value: known?.value ?? null,
      toldAt: known === undefined || isToldNow ? null : isoOf(known.toldAtMillis),
      since: known?.since ?? null,
      previous: known?.previous ?? null,
    };
  }
}
