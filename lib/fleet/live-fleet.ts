import type {
  AttentionItem,
  ContainerView,
  FleetTotals,
  GpuDetail,
  HostAskedPause,
  HostDetail,
  HostMaintenance,
  HostRaw,
  HostSummary,
  OwnerRow,
} from '../model/index.ts';
import { attentionOf } from './attention.ts';
import type { Arrival, FileLabelsOf, Fleet, HostStanding, KnownHost, LastReport } from './fleet.ts';
import { GpuIndex } from './gpu-index.ts';
import { stateOf } from './host-state.ts';
import { type CompatOf, type LiveHost, withGpus } from './live-host.ts';
import type { ClockOffset } from './report-time.ts';
import { totalsOf } from './totals.ts';
import {
  containersOf,
  detailOf,
  failedContainersOf,
  gpuDetailsOf,
  ownerRowsOf,
  standingOf,
  summaryOf,
} from './views.ts';

/** Ticks further apart than this mean that the hub itself slept or stalled. */
const stalledMillis = 3000;

function isNewer(host: LiveHost, arrival: Arrival): boolean {
  if (host.report === null || host.takenAtMillis === null) return true;
  if (host.agent?.epoch === arrival.agent.epoch) return arrival.report.sequence > host.report.sequence;
  return arrival.takenAtMillis > host.takenAtMillis;
}

const newHost = (known: KnownHost, compatOf: CompatOf): LiveHost => ({
  id: known.id,
  hostname: known.hostname,
  agentLabels: known.agentLabels,
  agentLabelSources: known.last?.agentLabelSources ?? {},
  hubLabels: known.hubLabels,
  fileLabels: {},
  enrolledAtMillis: known.enrolledAtMillis,
  report: known.last?.report ?? null,
  raw: null,
  agent: known.last?.agent ?? null,
  software: known.last?.software ?? null,
  receivedAtMillis: known.last?.receivedAtMillis ?? null,
  takenAtMillis: known.last?.takenAtMillis ?? null,
  clock: null,
  restored: known.last !== null,
  gone: known.last?.gone ?? false,
  state: known.last?.gone === true ? 'gone' : 'starting',
  stateReason: '',
  stateSinceMillis: known.last?.receivedAtMillis ?? known.enrolledAtMillis,
  current: false,
  maintenance: null,
  compatOf,
  askedPause: null,
  summary: null,
  standing: null,
  mostGpus: withGpus(
    { count: 0, atMillis: 0 },
    known.last?.report ?? null,
    known.last?.receivedAtMillis ?? known.enrolledAtMillis,
  ),
});

/** One collator for all: making one costs as much as comparing a hundred names. */
const byName = new Intl.Collator('en', { numeric: true });

const byHostname = (a: LiveHost, b: LiveHost): number =>
  a.hostname === b.hostname ? (a.id < b.id ? -1 : 1) : byName.compare(a.hostname, b.hostname);

class LiveFleet implements Fleet {
  readonly #hosts = new Map<string, LiveHost>();
  readonly #gpuHosts = new GpuIndex();
  readonly #listeners = new Set<(hostId: string) => void>();
  readonly #fileLabelsOf: FileLabelsOf;
  readonly #compatOf: CompatOf;
  /** Kept while only readings change: sorting a thousand names takes milliseconds. */
  #order: readonly LiveHost[] | null = null;
  #sorted: readonly HostSummary[] | null = null;
  #graceFromMillis: number;
  #lastTickMillis: number;

  constructor(startedAtMillis: number, fileLabelsOf: FileLabelsOf, compatOf: CompatOf) {
    this.#fileLabelsOf = fileLabelsOf;
    this.#compatOf = compatOf;
    this.#graceFromMillis = startedAtMillis;
    this.#lastTickMillis = startedAtMillis;
  }

  know(known: KnownHost, nowMillis: number): void {
    const existing = this.#hosts.get(known.id);
    if (existing === undefined) {
      const host = newHost(known, this.#compatOf);
      this.#hosts.set(known.id, host);
      this.#order = null;
      this.#gpuHosts.move(host.id, [], host.report?.gpus ?? []);
    } else {
      existing.hubLabels = known.hubLabels;
      if (existing.report === null) this.#rename(existing, known.hostname);
    }
    const host = this.#hosts.get(known.id);
    if (host === undefined) return;
    this.#askFile(host);
    this.#refresh(host, nowMillis, true);
  }

  apply(arrival: Arrival): 'live' | 'late' {
    const { id } = arrival.host;
    const host = this.#hosts.get(id) ?? this.#added(arrival);
    // Sent as it is now, whatever the age of the report that it came with.
    host.software = arrival.software ?? host.software;
    if (!isNewer(host, arrival)) {
      if (arrival.software != null) this.#changed(id);
      return 'late';
    }
    const isOtherSubject =
      !isSame(host.agentLabels, arrival.host.labels) || !hasSameModels(host.report, arrival.report);
    this.#gpuHosts.move(host.id, host.report?.gpus ?? [], arrival.report.gpus);
    this.#rename(host, arrival.host.hostname);
    host.agentLabels = arrival.host.labels;
    host.agentLabelSources = arrival.host.labelSources ?? {};
    host.agent = arrival.agent;
    host.report = arrival.report;
    if (isOtherSubject) this.#askFile(host);
    host.mostGpus = withGpus(host.mostGpus, arrival.report, arrival.receivedAtMillis);
    host.raw = arrival.raw ?? null;
    host.receivedAtMillis = arrival.receivedAtMillis;
    host.takenAtMillis = arrival.takenAtMillis;
    host.clock = arrival.clock;
    host.restored = false;
    host.gone = false;
    this.#refresh(host, arrival.receivedAtMillis, true);
    return 'live';
  }

  tick(nowMillis: number): void {
    if (Math.abs(nowMillis - this.#lastTickMillis) > stalledMillis) this.#graceFromMillis = nowMillis;
    this.#lastTickMillis = nowMillis;
    for (const host of this.#hosts.values()) this.#refresh(host, nowMillis, false);
  }

  setHubLabels(hostId: string, labels: LiveHost['hubLabels'], nowMillis: number): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return;
    host.hubLabels = labels;
    this.#askFile(host);
    this.#refresh(host, nowMillis, true);
  }

  labelSets(hostId: string): Pick<LiveHost, 'hubLabels' | 'fileLabels'> | null {
    return this.#hosts.get(hostId) ?? null;
  }

  relabel(nowMillis: number): void {
    for (const host of this.#hosts.values()) {
      const before = host.fileLabels;
      this.#askFile(host);
      if (before === host.fileLabels) continue;
      this.#refresh(host, nowMillis, true);
    }
  }

  remove(hostId: string): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return;
    this.#gpuHosts.move(host.id, host.report?.gpus ?? [], []);
    this.#hosts.delete(hostId);
    this.#order = null;
    this.#changed(hostId);
  }

  onChange(listener: (hostId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  has(hostId: string): boolean {
    return this.#hosts.has(hostId);
  }

  setMaintenance(byHost: ReadonlyMap<string, HostMaintenance>): void {
    for (const host of this.#hosts.values()) {
      const maintenance = byHost.get(host.id) ?? null;
      const same =
        host.maintenance?.until === maintenance?.until && host.maintenance?.reason === maintenance?.reason;
      if (same) continue;
      host.maintenance = maintenance;
      host.summary = null;
      host.standing = null;
      this.#changed(host.id);
    }
  }

  setAskedPause(hostId: string, askedPause: HostAskedPause | null): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return;
    host.askedPause = askedPause;
    this.#changed(hostId);
  }

  rememberGpus(hostId: string, count: number, atMillis: number): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined || count <= host.mostGpus.count) return;
    host.mostGpus = { count, atMillis };
    host.standing = null;
  }

  standings(): ReadonlyMap<string, HostStanding> {
    return new Map([...this.#hosts].map(([id, host]) => [id, standingFor(host)]));
  }

  summaries(): readonly HostSummary[] {
    this.#order ??= [...this.#hosts.values()].sort(byHostname);
    this.#sorted ??= this.#order.map(summaryFor);
    return this.#sorted;
  }

  summary(hostId: string): HostSummary | null {
    const host = this.#hosts.get(hostId);
    return host === undefined ? null : summaryFor(host);
  }

  detail(hostId: string, nowMillis: number): HostDetail | null {
    const host = this.#hosts.get(hostId);
    return host === undefined ? null : detailOf(host, summaryFor(host), nowMillis);
  }

  raw(hostId: string): HostRaw | null {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return null;
    const { raw, report } = host;
    if (raw === null || report === null) return { takenAt: null, gpus: {}, host: {} };
    return { takenAt: report.takenAt, gpus: raw.gpus, host: raw.host };
  }

  clockOffset(hostId: string): ClockOffset | null {
    return this.#hosts.get(hostId)?.clock ?? null;
  }

  lastReport(hostId: string): LastReport | null {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return null;
    const { report, agent, receivedAtMillis, takenAtMillis } = host;
    if (report === null || agent === null || receivedAtMillis === null || takenAtMillis === null) return null;
    const { hostname, agentLabels, agentLabelSources, gone, software } = host;
    const told = { report, agent, software, receivedAtMillis, takenAtMillis };
    return { ...told, hostname, agentLabels, agentLabelSources, gone };
  }

  *gpus(nowMillis: number): Iterable<GpuDetail> {
    for (const { id } of this.summaries()) {
      const host = this.#hosts.get(id);
      if (host !== undefined) yield* gpuDetailsOf(host, nowMillis);
    }
  }

  gpu(uuid: string, nowMillis: number): GpuDetail | null {
    let newest: LiveHost | null = null;
    for (const hostId of this.#gpuHosts.hostsOf(uuid)) {
      const host = this.#hosts.get(hostId);
      if (
        host !== undefined &&
        (newest === null || (host.receivedAtMillis ?? 0) > (newest.receivedAtMillis ?? 0))
      )
        newest = host;
    }
    return newest === null
      ? null
      : (gpuDetailsOf(newest, nowMillis).find((gpu) => gpu.uuid === uuid) ?? null);
  }

  *containers(): Iterable<ContainerView> {
    for (const { id } of this.summaries()) {
      const host = this.#hosts.get(id);
      if (host !== undefined) yield* containersOf(host);
    }
  }

  *owners(): Iterable<OwnerRow> {
    for (const { id } of this.summaries()) {
      const host = this.#hosts.get(id);
      if (host !== undefined) yield* ownerRowsOf(host);
    }
  }

  *failedContainers(): Iterable<ContainerView> {
    for (const { id } of this.summaries()) {
      const host = this.#hosts.get(id);
      if (host !== undefined) yield* failedContainersOf(host);
    }
  }

  totals(): FleetTotals {
    return totalsOf(this.summaries());
  }

  attention(goneToldOf: ReadonlySet<string> = new Set()): readonly AttentionItem[] {
    return attentionOf(this.#hosts.values(), goneToldOf);
  }

  #added(arrival: Arrival): LiveHost {
    const { host, receivedAtMillis } = arrival;
    const known = {
      id: host.id,
      hostname: host.hostname,
      agentLabels: host.labels,
      hubLabels: {},
      last: null,
    };
    const added = newHost({ ...known, enrolledAtMillis: receivedAtMillis }, this.#compatOf);
    this.#hosts.set(host.id, added);
    this.#askFile(added);
    this.#order = null;
    return added;
  }

  #rename(host: LiveHost, hostname: string): void {
    if (host.hostname === hostname) return;
    host.hostname = hostname;
    this.#order = null;
    this.#askFile(host);
  }

  /** What the file says may hang on any other label and on the GPUs, so it is asked when those changed. */
  #askFile(host: LiveHost): void {
    const { id, hostname, agentLabels, hubLabels, report } = host;
    const fileLabels = this.#fileLabelsOf({
      id,
      hostname,
      labels: { ...agentLabels, ...hubLabels },
      gpuModels: [...new Set(report?.gpus.flatMap(({ name }) => name ?? []))],
    });
    if (!isSame(fileLabels, host.fileLabels)) host.fileLabels = fileLabels;
  }

  #refresh(host: LiveHost, nowMillis: number, reported: boolean): void {
    const next = stateOf(host, nowMillis, this.#graceFromMillis);
    const moved = next.state !== host.state || next.current !== host.current;
    if (!moved && !reported) return;
    if (next.state !== host.state) host.stateSinceMillis = nowMillis;
    host.state = next.state;
    host.gone = next.state === 'gone';
    host.stateReason = next.reason;
    host.current = next.current;
    host.summary = null;
    host.standing = null;
    this.#changed(host.id);
  }

  #changed(hostId: string): void {
    this.#sorted = null;
    for (const listener of this.#listeners) listener(hostId);
  }
}

function summaryFor(host: LiveHost): HostSummary {
  host.summary ??= summaryOf(host);
  return host.summary;
}

const hasSameModels = (a: LiveHost['report'], b: LiveHost['report']): boolean =>
  a?.gpus.length === b?.gpus.length && a?.gpus.every(({ name }, at) => name === b?.gpus[at]?.name) === true;
function standingFor(host: LiveHost): HostStanding {
  host.standing ??= standingOf(host, summaryFor(host));
  return host.standing;
}

const isSame = (a: LiveHost['fileLabels'], b: LiveHost['fileLabels']): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

export const createFleet = (
  startedAtMillis: number,
  fileLabelsOf: FileLabelsOf = () => ({}),
  compatOf: CompatOf = () => null,
): Fleet => new LiveFleet(startedAtMillis, fileLabelsOf, compatOf);
