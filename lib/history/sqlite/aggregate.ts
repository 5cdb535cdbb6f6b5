import { createByteReader, createByteWriter } from './bytes.ts';
import { storedMetrics } from './metrics.ts';

const fields = 4;

/**
 * Count, sum, min and max of every metric of one track in one bucket: merging is exact and order does not matter.
 * Flat, `[count, sum, min, max]` a metric; a count of 0 means that the metric was not there.
 */
export type Aggregate = Float64Array;

export const createAggregate = (): Aggregate => new Float64Array(storedMetrics.length * fields);

export function addNumber(into: Aggregate, metric: number, value: number): void {
  const at = metric * fields;
  const isFirst = into[at] === 0;
  into[at] = (into[at] ?? 0) + 1;
  into[at + 1] = (into[at + 1] ?? 0) + value;
  if (isFirst || value < (into[at + 2] ?? 0)) into[at + 2] = value;
  if (isFirst || value > (into[at + 3] ?? 0)) into[at + 3] = value;
}

export function mergeAggregate(into: Aggregate, from: Aggregate): void {
  for (let metric = 0; metric < storedMetrics.length; metric++)
    mergeParts(into, metric, readParts(from, metric));
}

export type Parts = readonly [count: number, sum: number, min: number, max: number];

export function readParts(from: Aggregate, metric: number): Parts {
  const at = metric * fields;
  return [from[at] ?? 0, from[at + 1] ?? 0, from[at + 2] ?? 0, from[at + 3] ?? 0];
}

function mergeParts(into: Aggregate, metric: number, [count, sum, min, max]: Parts): void {
  if (count === 0) return;
  const at = metric * fields;
  const isFirst = into[at] === 0;
  into[at] = (into[at] ?? 0) + count;
  into[at + 1] = (into[at + 1] ?? 0) + sum;
  into[at + 2] = isFirst ? min : Math.min(into[at + 2] ?? 0, min);
  into[at + 3] = isFirst ? max : Math.max(into[at + 3] ?? 0, max);
}

const writer = createByteWriter();

/** A mask of the metrics that are there, then for each its count, min, max - min and sum - count × min. */
export function encodeAggregate(aggregate: Aggregate): Uint8Array {
  let mask = 0;
  for (let metric = 0; metric < storedMetrics.length; metric++) {
    if ((aggregate[metric * fields] ?? 0) > 0) mask += 2 ** metric;
  }
  writer.writeVarint(mask);
  for (let metric = 0; metric < storedMetrics.length; metric++) {
    const [count, sum, min, max] = readParts(aggregate, metric);
    if (count === 0) continue;
    writer.writeVarint(count);
    writer.writeSigned(min);
    writer.writeVarint(max - min);
    writer.writeVarint(sum - count * min);
  }
  return writer.take();
}

export function decodeAggregate(bytes: Uint8Array): Aggregate {
  const aggregate = createAggregate();
  eachParts(bytes, (metric, parts) => {
    mergeParts(aggregate, metric, parts);
    return true;
  });
  return aggregate;
}

/** Only one metric of an encoded aggregate; null when it is not there. */
export function decodeParts(bytes: Uint8Array, wanted: number): Parts | null {
  let found: Parts | null = null;
  eachParts(bytes, (metric, parts) => {
    if (metric === wanted) found = parts;
    return metric < wanted;
  });
  return found;
}

/** Goes on while `visit` returns true. */
function eachParts(bytes: Uint8Array, visit: (metric: number, parts: Parts) => boolean): void {
  const reader = createByteReader(bytes);
  let mask = reader.readVarint();
  for (let metric = 0; mask > 0; metric++, mask = Math.floor(mask / 2)) {
    if (mask % 2 === 0) continue;
    const count = reader.readVarint();
    const min = reader.readSigned();
    const max = min + reader.readVarint();
    const sum = reader.readVarint() + count * min;
    if (!visit(metric, [count, sum, min, max])) return;
  }
}
