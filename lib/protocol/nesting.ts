const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;

export interface JsonLimits {
  /** Brackets open at once. */
  readonly maxDepth: number;
  /** Values: each element, member, list and object is one. */
  readonly maxValues: number;
}

/**
 * What JSON text has too much of, or null. One pass over the bytes, before anything is built: ten million empty lists
 * are 30 KB of gzip, and seconds of parsing.
 */
export function jsonExcess(json: Uint8Array, { maxDepth, maxValues }: JsonLimits): 'depth' | 'values' | null {
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === comma) values += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) return 'depth';
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (values > maxValues) return 'values';
  }
  return null;
}
