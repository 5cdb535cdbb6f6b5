/** Writes whole numbers of up to 2^53 as base-128 varints into a buffer that grows and is used again. */
export interface ByteWriter {
  /** A whole number from 0 to 2^53 - 1. */
  writeVarint(value: number): void;
  /** A whole number whose double stays below 2^53. */
  writeSigned(value: number): void;
  /** What was written since the last call, as a copy of its own. */
  take(): Uint8Array;
}

export function createByteWriter(): ByteWriter {
  let bytes = new Uint8Array(1024);
  let length = 0;
  const writeVarint = (value: number): void => {
    if (length + 8 > bytes.length) {
      const grown = new Uint8Array(bytes.length * 2);
      grown.set(bytes);
      bytes = grown;
    }
    let rest = value;
    while (rest >= 128) {
      bytes[length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    bytes[length++] = rest;
  };
  return {
    writeVarint,
    writeSigned: (value) => writeVarint(value < 0 ? -value * 2 - 1 : value * 2),
    take() {
      const taken = bytes.slice(0, length);
      length = 0;
      return taken;
    },
  };
}

/** Reads what ByteWriter wrote; past the end it reads zeros and `atEnd` is true. */
export interface ByteReader {
  readonly atEnd: () => boolean;
  readonly readVarint: () => number;
  readonly readSigned: () => number;
}

export function createByteReader(bytes: Uint8Array): ByteReader {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++] ?? 0;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
      factor *= 128;
    }
  };
  return {
    atEnd: () => at >= bytes.length,
    readVarint,
    readSigned: () => {
      const value = readVarint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
  };
}
