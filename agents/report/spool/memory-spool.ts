import { randomUUID } from 'node:crypto';
import type { Spool } from './spool.ts';

/** A spool that ends with the process: for simulated hosts, and where no folder can be written. */
export function createMemorySpool(maxBytes: number): Spool {
  const waiting = new Map<number, Buffer>();
  let nextSequence = 1;
  let bytes = 0;
  let dropped = 0;
  const sorted = (): number[] => [...waiting.keys()].sort((a, b) => a - b);
  const remove = (sequence: number): boolean => {
    bytes -= waiting.get(sequence)?.length ?? 0;
    return waiting.delete(sequence);
  };
  const entry = (sequence: number) => ({ sequence, payload: waiting.get(sequence) ?? Buffer.alloc(0) });
  return {
    epoch: randomUUID(),
    takeSequence() {
      nextSequence += 1;
      return nextSequence - 1;
    },
    append({ sequence, payload }) {
      waiting.set(sequence, payload);
      bytes += payload.length;
      for (const oldest of sorted()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
        dropped += 1;
      }
    },
    oldest: (count) => sorted().slice(0, count).map(entry),
    newest() {
      const last = sorted().at(-1);
      return last === undefined ? null : entry(last);
    },
    acknowledge(sequences) {
      for (const sequence of sequences) remove(sequence);
    },
    drop(sequences) {
      for (const sequence of sequences) remove(sequence);
      dropped += sequences.length;
    },
    get stats() {
      return { reports: waiting.size, bytes, droppedReports: dropped, tornRecords: 0, problem: null };
    },
    close() {},
  };
}
