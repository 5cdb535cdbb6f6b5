import { type ReportedStack, readFacets } from '../../drift/index.ts';
import {
  type FacetChange,
  type FacetName,
  type FacetReading,
  facetNames,
  type HostFacet,
  type VersionsHost,
} from '../../model/index.ts';
import type { FacetValueRecord } from '../../state/state-store.ts';
import { sameStack } from './same-stack.ts';

/** A facet's last value on one host. */
interface KnownValue {
  readonly value: string;
  readonly reason: string;
  readonly since: string;
  readonly previous: string | null;
  /** It was told since that the host has no such thing any more. */
  isGone: boolean;
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

const nothing = { changed: false, values: [], changes: [] } as const;

/** What a report tells for the first time. */
export interface Learnt {
  readonly values: readonly FacetValueRecord[];
  readonly changes: readonly FacetChange[];
}
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

/** One host's facets over time: what each is, was, and since when. */
export class TrackedHost {
  readonly #known = new Map<FacetName, KnownValue>();
  /** Facets that it told not to have, and of which no value was ever told. */
  readonly #never = new Set<FacetName>();
  #report: ReportedStack | null = null;
  #readings: Readonly<Record<FacetName, FacetReading>> | null = null;
  #view: VersionsHost | null = null;

  /** `records`: its values from before, oldest first; `toldAtMillis`: its last report, where one is known. */
  constructor(
    records: readonly FacetValueRecord[],
    toldAtMillis: number | null,
    gone: ReadonlySet<FacetName> = new Set(),
  ) {
    for (const { facet, value, since } of records)
      this.#known.set(facet, {
        value,
        since,
        reason: 'known from before the hub started',
        previous: this.#known.get(facet)?.value ?? null,
        isGone: gone.has(facet),
        toldAtMillis: Math.max(toldAtMillis ?? 0, Date.parse(since)),
      });
  }

  get view(): VersionsHost | null {
    return this.#view;
  }

  /** Returns whether anything shown changed, and what is new. */
  take(now: HostNow): { readonly changed: boolean } & Learnt {
    const { id, hostname, group, reporting } = now;
    const isNews = now.isLive && now.report !== this.#report;
    if (isNews && this.#saysTheSame(now)) return nothing;
    const learnt = isNews ? this.#learn(now) : nothing;
    if (isNews) this.#report = now.report;
    const entries = facetNames.map((facet) => [facet, this.#facet(facet, reporting)]);
    const view: VersionsHost = {
      id,
      hostname,
      group,
      reporting,
      facets: Object.fromEntries(entries) as Record<FacetName, HostFacet>,
    };
    if (this.#view !== null && sameHost(this.#view, view)) return { ...learnt, changed: false };
    this.#view = view;
    return { ...learnt, changed: true };
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

  #learn({ id, report, receivedAtMillis }: HostNow): Learnt {
    if (report === null || receivedAtMillis === null) return nothing;
    this.#readings = readFacets(report);
    const values: FacetValueRecord[] = [];
    const changes: FacetChange[] = [];
    const at = isoOf(receivedAtMillis);
    for (const facet of facetNames) {
      const { value, missing, reason } = this.#readings[facet];
      const known = this.#known.get(facet);
      if (value === null) {
        if (missing !== 'absent') continue;
        if (known === undefined) this.#never.add(facet);
        else if (!known.isGone) changes.push({ at, hostId: id, facet, from: known.value, to: null });
        if (known !== undefined) known.isGone = true;
        continue;
      }
      if (known?.value === value && !known.isGone) {
        known.toldAtMillis = receivedAtMillis;
        continue;
      }
      const previous = known === undefined || known.value === value ? (known?.previous ?? null) : known.value;
      this.#known.set(facet, {
        value,
        reason,
        since: at,
        previous,
        isGone: false,
        toldAtMillis: receivedAtMillis,
      });
      values.push({ hostId: id, facet, value, since: at });
      if (known !== undefined || this.#never.delete(facet))
        changes.push({
          at,
          hostId: id,
          facet,
          from: known === undefined || known.isGone ? null : known.value,
          to: value,
        });
    }
    return { values, changes };
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
