import { StoreError } from '../../state/state-store.ts';
import type { HistoryEntry, HistoryOwner } from '../history-store.ts';
import { createByteReader, createByteWriter } from './bytes.ts';
import { metricNumber, storedMetrics, toStored } from './metrics.ts';

/** An entry in a form that costs little to hand to the worker. */
export interface Reading {
  readonly hostId: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly takenMilliseconds: number;
  readonly receivedMilliseconds: number;
  /** GPU uuid and container id, in turn: one pair an owner of numbers. */
  readonly owners: readonly (string | null)[];
  /** Owner's index, metric's number, stored number, in turn. */
  readonly numbers: Float64Array;
  /** Owners that are new or changed. */
  readonly described: readonly HistoryOwner[];
}

/** Throws StoreError for an entry that has no identity or no time; numbers that cannot be kept are left out. */
export function toReading(entry: HistoryEntry): Reading {
  const { hostId, epoch, sequence, takenAtSeconds, receivedAtSeconds, samples } = entry;
  const takenMilliseconds = Math.round(takenAtSeconds * 1000);
  const receivedMilliseconds = Math.round(receivedAtSeconds * 1000);
  const isWhole = [sequence, takenMilliseconds, receivedMilliseconds].every(
    (each) => Number.isSafeInteger(each) && each >= 0,
  );
  if (!isWhole || hostId === '' || epoch === '') {
    throw new StoreError('failed', `a reading of host "${hostId}" has no usable identity or time`);
  }
  const indexes = new Map<string, number>();
  const owners: (string | null)[] = [];
  const numbers: number[] = [];
  for (const { gpuUuid, containerId, metric, value } of samples) {
    const stored = toStored(metric, value);
    if (stored === null) continue;
    const key = `${gpuUuid} ${containerId ?? ''}`;
    let index = indexes.get(key);
    if (index === undefined) {
      index = owners.push(gpuUuid, containerId) / 2 - 1;
      indexes.set(key, index);
    }
    numbers.push(index, metricNumber(metric), stored);
  }
  const packed = Float64Array.from(numbers);
  const described = entry.owners ?? [];
  return {
    hostId,
    epoch,
    sequence,
    takenMilliseconds,
    receivedMilliseconds,
    owners,
    numbers: packed,
    described,
  };
}

const writer = createByteWriter();

/** For each track: its id, a mask of metrics, then their numbers. `trackIds` go with the reading's owners. */
export function encodeReading(reading: Reading, trackIds: readonly number[]): Uint8Array {
  const rows = trackIds.map(() => new Array<number | null>(storedMetrics.length).fill(null));
  const { numbers } = reading;
  for (let at = 0; at < numbers.length; at += 3) {
    const row = rows[numbers[at] ?? 0];
    if (row !== undefined) row[numbers[at + 1] ?? 0] = numbers[at + 2] ?? 0;
  }
  for (const [index, row] of rows.entries()) {
    const mask = row.reduce<number>((sum, number, metric) => (number === null ? sum : sum + 2 ** metric), 0);
    writer.writeVarint(trackIds[index] ?? 0);
    writer.writeVarint(mask);
    for (const number of row) if (number !== null) writer.writeSigned(number);
  }
  return writer.take();
}

export function eachNumber(
  bytes: Uint8Array,
  visit: (track: number, metric: number, number: number) => void,
): void {
  const reader = createByteReader(bytes);
  while (!reader.atEnd()) {
    const track = reader.readVarint();
    let mask = reader.readVarint();
    for (let metric = 0; mask > 0; metric++, mask = Math.floor(mask / 2)) {
      if (mask % 2 === 1) visit(track, metric, reader.readSigned());
    }
  }
}
