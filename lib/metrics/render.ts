import { catalogue } from './catalogue.ts';
import { type ExposedHost, type Family, isTold, type PreparedLabels, prepareLabels } from './family.ts';

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
  /** Writes what changed, a few milliseconds at a time, so that a large fleet does not hold up the event loop. */
  refresh(): Promise<void>;
  /** The whole document, after writing what still is not. Compression is the server's. */
  render(options: RenderOptions): string;
}

interface KeptHost {
  host: ExposedHost;
  /** Lines by family, each ended by a newline; null until written. */
  blocks: readonly string[] | null;
}

const sliceMilliseconds = 8;

function writeFamily(family: Family, host: ExposedHost, prepared: PreparedLabels): string {
  if (!isTold(family, host)) return '';
  const lines: string[] = [];
  let seen: Set<string> | null = null;
  let first: string | null = null;
  family.emit(host, prepared, (labels, value) => {
    if (value === null || !Number.isFinite(value)) return;
    // The same series twice would spoil the whole scrape; a set is made only for the second series on.
    if (first === null) first = labels;
    else {
      seen ??= new Set([first]);
      if (seen.has(labels)) return;
      seen.add(labels);
    }
    lines.push(`${family.name}{${labels}} ${value}\n`);
  });
  // join() gives a flat string; one grown by += is walked piece by piece at every scrape.
  return lines.join('');
}

/** The family's own lines. OpenMetrics names a counter without `_total`, and knows units. */
export function familyHeader(family: Family, options: RenderOptions): string {
  const name = options.openMetrics ? family.name.replace(/_total$/, '') : family.name;
  const help = family.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  const unit = options.openMetrics && family.unit !== null ? `# UNIT ${name} ${family.unit}\n` : '';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${family.type}\n${unit}`;
}

/** `node1`, or `node1 (1a2b3c4d)` while several hosts call themselves that: a cloned machine must not hide another. */
function shownName(host: ExposedHost, namesakes: number): string {
  return namesakes > 1 ? `${host.hostname} (${host.id.slice(0, 8)})` : host.hostname;
}

class KeptExposition implements FleetExposition {
  readonly #hosts = new Map<string, KeptHost>();
  readonly #idsByName = new Map<string, Set<string>>();
  #order: readonly KeptHost[] | null = null;

  update(host: ExposedHost): void {
    const kept = this.#hosts.get(host.id);
    if (kept === undefined || kept.host.hostname !== host.hostname) {
      if (kept !== undefined) this.#forgetName(kept.host);
      this.#noteName(host);
      this.#order = null;
    }
    if (kept === undefined) this.#hosts.set(host.id, { host, blocks: null });
    else {
      kept.host = host;
      kept.blocks = null;
    }
  }

  remove(hostId: string): void {
    const kept = this.#hosts.get(hostId);
    if (kept === undefined) return;
    this.#hosts.delete(hostId);
    this.#forgetName(kept.host);
    this.#order = null;
  }

  async refresh(): Promise<void> {
    let sliceEnd = performance.now() + sliceMilliseconds;
    for (const kept of [...this.#hosts.values()]) {
      this.#blocksOf(kept);
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + sliceMilliseconds;
    }
  }

  render(options: RenderOptions): string {
    const order = this.#sorted();
    const hostBlocks = order.map((kept) => this.#blocksOf(kept));
    const parts: string[] = [];
    for (const [i, family] of catalogue.entries()) {
      // A blank line between families is prom-client's habit; OpenMetrics allows none.
      if (i > 0 && !options.openMetrics) parts.push('\n');
      parts.push(familyHeader(family, options));
      for (const blocks of hostBlocks) parts.push(blocks[i] ?? '');
    }
    if (options.openMetrics) parts.push('# EOF\n');
    return parts.join('');
  }

  #blocksOf(kept: KeptHost): readonly string[] {
    if (kept.blocks === null) {
      const namesakes = this.#idsByName.get(kept.host.hostname)?.size ?? 1;
      const prepared = prepareLabels(kept.host, shownName(kept.host, namesakes));
      kept.blocks = catalogue.map((family) => writeFamily(family, kept.host, prepared));
    }
    return kept.blocks;
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
      if (kept !== undefined) kept.blocks = null;
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
