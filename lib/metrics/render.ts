import { catalogue, fleetFamilies } from './catalogue.ts';
import type { NamedHost } from './dialects/index.ts';
import {
  areSameLabels,
  type ExposedHost,
  type Family,
  type PreparedLabels,
  prepareLabels,
} from './family.ts';
import type { AlertSeries } from './fleet-families.ts';

import { type KeptFamily, keptFamily } from './kept-family.ts';
export const textContentType = 'text/plain; version=0.0.4; charset=utf-8';
export const openMetricsContentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

export interface RenderOptions {
  readonly openMetrics: boolean;
}

/** The fleet as Prometheus text: kept per family and host, and written again only for hosts that changed. */
export interface FleetExposition {
  /** Takes a host's newest state, also when it went late or gone. Cheap: nothing is written before the next scrape. */
  update(host: ExposedHost): void;
  remove(hostId: string): void;
  /** How many alerts fire, by rule, and of which hosts; told once it was called. */
  setAlerts(alerts: readonly AlertSeries[]): void;
  /** Writes what changed, a few milliseconds at a time, so that a large fleet does not hold up the event loop. */
  refresh(): Promise<void>;
  /** The hosts as they are exposed, under the names that they have there. */
  hosts(): readonly NamedHost[];
  /** The whole document, after writing what still is not. Compression is the server's. */
  render(options: RenderOptions): string;
}

interface KeptHost {
  host: ExposedHost;
  /** By family of the catalogue; empty until first written. */
  families: readonly KeptFamily[];
  /** As they were when last written, for as long as they stay the same. */
  prepared: PreparedLabels | null;
  isCurrent: boolean;
}

const sliceMilliseconds = 8;

/** The family's own lines. OpenMetrics names a counter without `_total`, and knows units. */
export function familyHeader(
  family: Pick<Family, 'name' | 'help' | 'type' | 'unit'>,
  options: RenderOptions,
): string {
  const name = options.openMetrics ? family.name.replace(/_total$/, '') : family.name;
  const help = family.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  const unit = options.openMetrics && family.unit !== null ? `# UNIT ${name} ${family.unit}\n` : '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${family.type}\n${unit}`;
}

/** What is told of the fleet as a whole. */
const writeFleet = (
  alerts: readonly AlertSeries[],
  hostText: (hostId: string) => string | null,
  options: RenderOptions,
): string[] =>
  fleetFamilies.flatMap((family) => [
    options.openMetrics ? '' : '\n',
    familyHeader(family, options),
    ...family.series(alerts, hostText).map(({ labels, value }) => `${family.name}{${labels}} ${value}\n`),
  ]);

/** `node1`, or `node1 (1a2b3c4d)` while several hosts call themselves that: a cloned machine must not hide another. */
function shownName(host: ExposedHost, namesakes: number): string {
  return namesakes > 1 ? `${host.hostname} (${host.id.slice(0, 8)})` : host.hostname;
}

class KeptExposition implements FleetExposition {
  readonly #hosts = new Map<string, KeptHost>();
  readonly #idsByName = new Map<string, Set<string>>();
  #order: readonly KeptHost[] | null = null;
  #alerts: readonly AlertSeries[] | null = null;

  update(host: ExposedHost): void {
    const kept = this.#hosts.get(host.id);
    if (kept === undefined || kept.host.hostname !== host.hostname) {
      if (kept !== undefined) this.#forgetName(kept.host);
      this.#noteName(host);
      this.#order = null;
    }
    if (kept === undefined)
      this.#hosts.set(host.id, { host, families: [], prepared: null, isCurrent: false });
    else {
      kept.host = host;
      kept.isCurrent = false;
    }
  }

  remove(hostId: string): void {
    const kept = this.#hosts.get(hostId);
    if (kept === undefined) return;
    this.#hosts.delete(hostId);
    this.#forgetName(kept.host);
    this.#order = null;
  }

  setAlerts(alerts: readonly AlertSeries[]): void {
    this.#alerts = alerts;
  }

  async refresh(): Promise<void> {
    let sliceEnd = performance.now() + sliceMilliseconds;
    for (const kept of [...this.#hosts.values()]) {
      this.#familiesOf(kept);
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + sliceMilliseconds;
    }
  }

  render(options: RenderOptions): string {
    const order = this.#sorted();
    const ofHosts = order.map((kept) => this.#familiesOf(kept));
    const parts: string[] = [];
    for (const [i, family] of catalogue.entries()) {
      // A blank line between families is prom-client's habit; OpenMetrics allows none.
      if (i > 0 && !options.openMetrics) parts.push('\n');
      parts.push(familyHeader(family, options));
      for (const families of ofHosts) parts.push(families[i]?.text ?? '');
    }
    // As the host's own series have it, namesakes included, so that they join.
    const hostText = (id: string) => this.#hosts.get(id)?.prepared?.host ?? null;
    if (this.#alerts !== null) parts.push(...writeFleet(this.#alerts, hostText, options));
    if (options.openMetrics) parts.push('# EOF\n');
    return parts.join('');
  }

  hosts(): readonly NamedHost[] {
    return this.#sorted().map(({ host }) => ({
      host,
      shownName: shownName(host, this.#idsByName.get(host.hostname)?.size ?? 1),
    }));
  }

  #familiesOf(kept: KeptHost): readonly KeptFamily[] {
    if (kept.isCurrent) return kept.families;
    const { host, families: before } = kept;
    const namesakes = this.#idsByName.get(host.hostname)?.size ?? 1;
    const fresh = prepareLabels(host, shownName(host, namesakes));
    // The same texts again are the same strings again, which compare at once.
    const prepared = kept.prepared !== null && areSameLabels(kept.prepared, fresh) ? kept.prepared : fresh;
    kept.families = catalogue.map((family, i) =>
      keptFamily(family, host, { prepared, kept: before[i] ?? null }),
    );
    kept.prepared = prepared;
    kept.isCurrent = true;
    return kept.families;
  }

  #sorted(): readonly KeptHost[] {
    this.#order ??= [...this.#hosts.values()].sort((a, b) => compareHosts(a.host, b.host));
    return this.#order;
  }

  #noteName(host: ExposedHost): void {
    const ids = this.#idsByName.get(host.hostname) ?? new Set();
    ids.add(host.id);
    this.#idsByName.set(host.hostname, ids);
    this.#rewrite(ids);
  }

  #forgetName(host: ExposedHost): void {
    const ids = this.#idsByName.get(host.hostname);
    ids?.delete(host.id);
    if (ids === undefined || ids.size === 0) this.#idsByName.delete(host.hostname);
    else this.#rewrite(ids);
  }

  /** Namesakes show their ids from the second one on, so each of them is written anew. */
  #rewrite(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      const kept = this.#hosts.get(id);
      if (kept !== undefined) kept.isCurrent = false;
    }
  }
}

function compareHosts(a: ExposedHost, b: ExposedHost): number {
  if (a.hostname !== b.hostname) return a.hostname < b.hostname ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export function createFleetExposition(): FleetExposition {
  return new KeptExposition();
}
