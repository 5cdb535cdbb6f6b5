import { createByteReader, createByteWriter } from './bytes.ts';

/**
 * Past this many ranges the oldest two are joined: what is missing between them counts as received, and is lost if it
 * comes after all. An agent's whole spool, with a gap after each of its reports, stays far below.
 */
export const maxRanges = 65_536;

/** Which sequence numbers of one (host, epoch) were received, as few ranges. */
export interface Sequences {
  has(sequence: number): boolean;
  /** False when it was there already. */
  add(sequence: number): boolean;
  encode(): Uint8Array;
  /** Gaps that count as received though they never came, since this was made. */
  forgottenGaps(): number;
  rangeCount(): number;
}

const writer = createByteWriter();

export function createSequences(encoded: Uint8Array = new Uint8Array()): Sequences {
  // Flat: first, last, first, last … ascending, never touching.
  const bounds: number[] = [];
  const reader = createByteReader(encoded);
  let before = 0;
  while (!reader.atEnd()) {
    const first = before + reader.readVarint();
    before = first + reader.readVarint();
    bounds.push(first, before);
  }

  let forgottenGaps = 0;
  /** Index of the first range whose last is at or after `sequence`. */
  const find = (sequence: number): number => {
    let low = 0;
    let high = bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle * 2 + 1] ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const has = (sequence: number): boolean => {
    const first = bounds[find(sequence) * 2];
    return first !== undefined && first <= sequence;
  };

  return {
    has,
    add(sequence) {
      if (has(sequence)) return false;
      const at = find(sequence) * 2;
      const touchesBefore = bounds[at - 1] === sequence - 1;
      const touchesAfter = bounds[at] === sequence + 1;
      if (touchesBefore && touchesAfter) bounds.splice(at - 1, 2);
      else if (touchesBefore) bounds[at - 1] = sequence;
      else if (touchesAfter) bounds[at] = sequence;
      else bounds.splice(at, 0, sequence, sequence);
      if (bounds.length > maxRanges * 2) {
        bounds.splice(1, 2);
        forgottenGaps += 1;
      }
      return true;
    },
    encode() {
      let last = 0;
      for (let index = 0; index < bounds.length; index += 2) {
        const first = bounds[index] ?? 0;
        const end = bounds[index + 1] ?? 0;
        writer.writeVarint(first - last);
        writer.writeVarint(end - first);
        last = end;
      }
      return writer.take();
    },
    forgottenGaps: () => forgottenGaps,
    rangeCount: () => bounds.length / 2,
  };
}
