import { DatabaseSync } from 'node:sqlite';
import { storedMetrics } from '../../lib/history/sqlite/metrics.ts';
import { createRawSegments } from '../../lib/history/sqlite/raw-segments.ts';
import { eachNumber } from '../../lib/history/sqlite/reading.ts';

const mebibyte = 2 ** 20;
const markMetric = storedMetrics.indexOf('gpu_memory_used_bytes');

export interface StoredSamples {
  readonly hosts: number;
  /** Seconds from printed to received, one for each sample of the window. */
  readonly delaySeconds: readonly number[];
  /** Samples that were printed between two others of a host and are not there. */
  readonly missing: number;
}

/** What a hub that has stopped stored of samples printed in a window, each of which says in its used memory when that was. */
export function storedSamples(
  file: string,
  window: { readonly fromMillis: number; readonly toMillis: number; readonly intervalSeconds: number },
  printedMillis: (mark: number) => number,
): StoredSamples {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const printed = new Map<number, number[]>();
    const delaySeconds: number[] = [];
    createRawSegments(db, 0).eachAfter(0, ({ host, data, receivedMilliseconds }) => {
      let mark: number | null = null;
      eachNumber(data, (_track, metric, number) => {
        if (metric === markMetric) mark ??= number / mebibyte;
      });
      if (mark === null) return;
      const at = printedMillis(mark);
      if (at < window.fromMillis || at >= window.toMillis) return;
      const of = printed.get(host) ?? [];
      // A reading that came without a new sample tells the one before again.
      if (of.at(-1) === at) return;
      printed.set(host, of);
      of.push(at);
      delaySeconds.push((receivedMilliseconds - at) / 1000);
    });
    let missing = 0;
    for (const times of printed.values()) {
      const ordered = [...times].sort((a, b) => a - b);
      // Of the window's ends too.
      const all = [window.fromMillis, ...ordered, window.toMillis];
      for (const [index, at] of all.slice(1).entries()) {
        const gap = (at - (all[index] ?? at)) / 1000 / window.intervalSeconds;
        missing += Math.max(0, Math.round(gap) - 1);
      }
    }
    return { hosts: printed.size, delaySeconds, missing };
  } finally {
    db.close();
  }
}
