import type { ExposedHost } from '../family.ts';
import { dcgm, dcgm49 } from './dcgm.ts';
import { type Dialect, type DialectName, dialectNames, familyHead, writeHost } from './dialect.ts';
import { nvidiaSmi } from './nvidia-smi.ts';

export { type DialectName, dialectNames } from './dialect.ts';

const dialects: Readonly<Record<DialectName, Dialect>> = { dcgm, dcgm49, nvidia_smi: nvidiaSmi };

export const isDialect = (name: string): name is DialectName =>
  (dialectNames as readonly string[]).includes(name);

export interface NamedHost {
  readonly host: ExposedHost;
  /** As other hosts do not have it. */
  readonly shownName: string;
}

const sliceMilliseconds = 8;
/** A host is written anew after it changed: another object then, and gone with it. */
const kept = new WeakMap<ExposedHost, Map<string, readonly string[]>>();

function written(name: DialectName, { host, shownName }: NamedHost): readonly string[] {
  const key = `${name} ${shownName}`;
  const own = kept.get(host) ?? new Map<string, readonly string[]>();
  kept.set(host, own);
  const known = own.get(key);
  if (known !== undefined) return known;
  const texts = writeHost(dialects[name], host, shownName);
  own.set(key, texts);
  return texts;
}

/** The fleet in a dialect, plain Prometheus text: its names break OpenMetrics' rules. A few milliseconds at a time. */
export async function renderDialect(name: DialectName, hosts: readonly NamedHost[]): Promise<string> {
  let sliceEnd = performance.now() + sliceMilliseconds;
  const ofHosts: (readonly string[])[] = [];
  for (const host of hosts) {
    ofHosts.push(written(name, host));
    if (performance.now() < sliceEnd) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEnd = performance.now() + sliceMilliseconds;
  }
  const parts: string[] = [];
  for (const [at, family] of dialects[name].families.entries()) {
    const own = ofHosts.map((texts) => texts[at] ?? '').filter((text) => text !== '');
    // Both exporters leave out a metric that no GPU has.
    if (own.length > 0) parts.push(familyHead(family), ...own);
  }
  return parts.join('');
}
