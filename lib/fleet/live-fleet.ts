import type {
  AttentionItem,
  ContainerView,
  FleetTotals,
  GpuDetail,
  HostDetail,
  HostSummary,
  Report,
} from '../model/index.ts';
import { attentionOf } from './attention.ts';
import type { Arrival, Fleet, KnownHost, LastReport } from './fleet.ts';
import { stateOf } from './host-state.ts';
import type { LiveHost } from './live-host.ts';
import type { ClockOffset } from './report-time.ts';
import { totalsOf } from './totals.ts';
import { containersOf, detailOf, gpuDetailsOf, gpuKey, summaryOf } from './views.ts';

/** Ticks further apart than this mean that the hub itself slept or stalled. */
const stalledMillis = 3000;

function isNewer(host: LiveHost, arrival: Arrival): boolean {
  if (host.report === null || host.takenAtMillis === null) return true;
  if (host.agent?.epoch === arrival.agent.epoch) return arrival.report.sequence > host.report.sequence;
  return arrival.takenAtMillis > host.takenAtMillis;
}

const newHost = (known: KnownHost): LiveHost => ({
  id: known.id,
  hostname: known.hostname,
  agentLabels: known.agentLabels,
  hubLabels: known.hubLabels,
  enrolledAtMillis: known.enrolledAtMillis,
  report: known.last?.report ?? null,
  agent: known.last?.agent ?? null,
  receivedAtMillis: known.last?.receivedAtMillis ?? null,
  takenAtMillis: known.last?.takenAtMillis ?? null,
  clock: null,
  restored: known.last !== null,
  gone: known.last?.gone ?? false,
  state: known.last?.gone === true ? 'gone' : 'starting',
  stateReason: '',
  stateSinceMillis: known.last?.receivedAtMillis ?? known.enrolledAtMillis,
  current: false,
  summary: null,
});

const byHostname = (a: HostSummary, b: HostSummary): number =>
  a.hostname === b.hostname
    ? a.id < b.id
      ? -1
      : 1
    : a.hostname.localeCompare(b.hostname, 'en', { numeric: true });

class LiveFleet implements Fleet {
  readonly #hosts = new Map<string, LiveHost>();
  readonly #gpuHosts = new Map<string, Set<string>>();
  readonly #listeners = new Set<(hostId: string) => void>();
  #sorted: readonly HostSummary[] | null = null;
  #graceFromMillis: number;
  #lastTickMillis: number;

  constructor(startedAtMillis: number) {
    this.#graceFromMillis = startedAtMillis;
    this.#lastTickMillis = startedAtMillis;
  }

  know(known: KnownHost, nowMillis: number): void {
    const existing = this.#hosts.get(known.id);
    if (existing === undefined) {
      const host = newHost(known);
      this.#hosts.set(known.id, host);
      this.#indexGpus(host, [], host.report);
    } else {
      existing.hubLabels = known.hubLabels;
      if (existing.report === null) existing.hostname = known.hostname;
    }
    const host = this.#hosts.get(known.id);
    if (host !== undefined) this.#refresh(host, nowMillis, true);
  }

  apply(arrival: Arrival): 'live' | 'late' {
    const { id } = arrival.host;
    const host = this.#hosts.get(id) ?? this.#added(arrival);
    if (!isNewer(host, arrival)) return 'late';
    this.#indexGpus(host, host.report?.gpus ?? [], arrival.report);
    host.hostname = arrival.host.hostname;
    host.agentLabels = arrival.host.labels;
    host.agent = arrival.agent;
    host.report = arrival.report;
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

  remove(hostId: string): void {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return;
    this.#indexGpus(host, host.report?.gpus ?? [], null);
    this.#hosts.delete(hostId);
    this.#changed(hostId);
  }

  onChange(listener: (hostId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  has(hostId: string): boolean {
    return this.#hosts.has(hostId);
  }

  summaries(): readonly HostSummary[] {
    this.#sorted ??= [...this.#hosts.values()].map(summaryFor).sort(byHostname);
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

  clockOffset(hostId: string): ClockOffset | null {
    return this.#hosts.get(hostId)?.clock ?? null;
  }

  lastReport(hostId: string): LastReport | null {
    const host = this.#hosts.get(hostId);
    if (host === undefined) return null;
    const { report, agent, receivedAtMillis, takenAtMillis, hostname, agentLabels, gone } = host;
    if (report === null || agent === null || receivedAtMillis === null || takenAtMillis === null) return null;
    return { report, agent, receivedAtMillis, takenAtMillis, hostname, agentLabels, gone };
  }

  *gpus(nowMillis: number): Iterable<GpuDetail> {
    for (const { id } of this.summaries()) {
      const host = this.#hosts.get(id);
      if (host !== undefined) yield* gpuDetailsOf(host, nowMillis);
    }
  }

  gpu(uuid: string, nowMillis: number): GpuDetail | null {
    let newest: LiveHost | null = null;
    for (const hostId of this.#gpuHosts.get(uuid) ?? []) {
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

  totals(): FleetTotals {
    return totalsOf(this.summaries());
  }

  attention(): readonly AttentionItem[] {
    return attentionOf(this.#hosts.values());
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
    const added = newHost({ ...known, enrolledAtMillis: receivedAtMillis });
    this.#hosts.set(host.id, added);
    return added;
  }

  #indexGpus(host: LiveHost, before: Report['gpus'], after: Report | null): void {
    for (const gpu of before) {
      const key = gpuKey(host.id, gpu);
      const hosts = this.#gpuHosts.get(key);
      hosts?.delete(host.id);
      if (hosts?.size === 0) this.#gpuHosts.delete(key);
    }
    for (const gpu of after?.gpus ?? []) {
      const key = gpuKey(host.id, gpu);
      const hosts = this.#gpuHosts.get(key) ?? new Set();
      this.#gpuHosts.set(key, hosts.add(host.id));
    }
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

export const createFleet = (startedAtMillis: number): Fleet => new LiveFleet(startedAtMillis);
