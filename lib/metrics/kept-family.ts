import { type ExposedHost, type Family, isTold, type PreparedLabels } from './family.ts';

/** What one family says of one host: its lines, and what they were written from. */
export interface KeptFamily {
  /** Each ended by a newline. */
  readonly text: string;
  readonly labels: readonly string[];
  readonly more: readonly string[];
  readonly values: readonly number[];
}

const nothing: KeptFamily = { text: '', labels: [], more: [], values: [] };

/** Takes each label text once: the same series twice would spoil the whole scrape. */
function firstOnly(): (labels: string) => boolean {
  const seen = new Set<string>();
  return (labels) => {
    if (seen.has(labels)) return false;
    seen.add(labels);
    return true;
  };
}

function linesOf(
  { name }: Family,
  { labels, more, values }: Omit<KeptFamily, 'text'>,
  areDistinct: boolean,
): string {
  const isNew = areDistinct ? null : firstOnly();
  const samples: string[] = [];
  for (const [i, value] of values.entries()) {
    const own = `${labels[i]}${more[i]}`;
    if (isNew?.(own) !== false) samples.push(`${own}} ${value}`);
  }
  const head = `${name}{`;
  samples[0] = head + samples[0];
  samples[samples.length - 1] += '\n';
  // join() gives a flat string; one grown by += is walked piece by piece at every scrape.
  return samples.join(`\n${head}`);
}

/** What the family says now; `kept` itself when that is the same, since most of what a GPU tells stays as it was. */
export function keptFamily(
  family: Family,
  host: ExposedHost,
  { prepared, kept }: { readonly prepared: PreparedLabels; readonly kept: KeptFamily | null },
): KeptFamily {
  if (!isTold(family, host)) return nothing;
  const now = { labels: [] as string[], more: [] as string[], values: [] as number[] };
  let count = 0;
  let isSame = kept !== null;
  family.emit(host, prepared, (labels, value, more = '') => {
    if (value === null || !Number.isFinite(value)) return;
    if (isSame && kept !== null) {
      // Compared before anything is collected: values first, which differ most.
      if (kept.values[count] === value && kept.more[count] === more && kept.labels[count] === labels) {
        count += 1;
        return;
      }
      isSame = false;
      for (let i = 0; i < count; i += 1) {
        now.labels.push(kept.labels[i] ?? '');
        now.more.push(kept.more[i] ?? '');
        now.values.push(kept.values[i] ?? 0);
      }
    }
    now.labels.push(labels);
    now.more.push(more);
    now.values.push(value);
  });
  if (isSame && kept !== null) {
    if (count === kept.values.length) return kept;
    now.labels.push(...kept.labels.slice(0, count));
    now.more.push(...kept.more.slice(0, count));
    now.values.push(...kept.values.slice(0, count));
  }
  if (now.values.length === 0) return nothing;
  return { ...now, text: linesOf(family, now, family.perGpu === true && prepared.areGpusDistinct) };
}
