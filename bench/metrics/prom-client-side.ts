import { Counter, Gauge, Registry } from 'prom-client';
import { catalogue } from '../../lib/metrics/catalogue.ts';
import type { HostDetail } from '../../lib/model/index.ts';
import { eachSample, type Update } from './minute.ts';

/** One series as prom-client wants it; made once, so that making labels is not charged to it. */
interface Series {
  readonly labels: Record<string, string>;
  set(labels: Record<string, string>, value: number): void;
}

export interface Sink {
  report(updates: readonly Update[]): void;
  scrape(): Promise<string>;
}

function readLabels(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
    found[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  return found;
}

/** Counters only count up: what is added is the difference, which is remembered beside it. */
function counterSetter(counter: Counter): Series['set'] {
  const last = new Map<Record<string, string>, number>();
  return (labels, value) => {
    const before = last.get(labels) ?? 0;
    last.set(labels, value);
    counter.inc(labels, value - before);
  };
}

/** The registry with every series of these hosts, and the series by host in the catalogue's order. */
function createRegistry(hosts: readonly HostDetail[]) {
  const registry = new Registry();
  const seriesOf = hosts.map((): Series[] => []);
  for (const family of catalogue) {
    const labelsOf = hosts.map((host) => {
      const found: Record<string, string>[] = [];
      eachSample(family, host, (labels) => found.push(readLabels(labels)));
      return found;
    });
    const labelNames = [...new Set(labelsOf.flat().flatMap(Object.keys))];
    const configuration = { name: family.name, help: family.help, labelNames, registers: [registry] };
    const metric = family.type === 'counter' ? new Counter(configuration) : new Gauge(configuration);
    if (labelNames.length === 0) metric.remove();
    const set = metric instanceof Gauge ? metric.set.bind(metric) : counterSetter(metric);
    for (const [host, found] of labelsOf.entries())
      for (const labels of found) seriesOf[host]?.push({ labels, set });
  }
  return { registry, seriesOf };
}

/** prom-client told every value at every report, as its users do. */
export function createPromClientSide(first: readonly Update[]): Sink {
  const { registry, seriesOf } = createRegistry(first.map(({ host }) => host));
  return {
    report(updates) {
      for (const [host, { values }] of updates.entries())
        for (const [i, series] of (seriesOf[host] ?? []).entries()) series.set(series.labels, values[i] ?? 0);
    },
    scrape: () => registry.metrics(),
  };
}
